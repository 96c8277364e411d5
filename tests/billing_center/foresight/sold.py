"""What the stories of this room sell."""

PRODUCTS = """
products:
  - id: mail
    name: 企业邮箱
    currency: CNY
    plans:
      day: [{valid_from: 2020-01-01, price: {CNY: 2.00}}]
      month: [{valid_from: 2020-01-01, prices: [{currency: CNY, model: prorated, price: 31.00}]}]
  - id: sms
    name: 短信
    currency: CNY
    unit: count
    free: {uses: 3}
    plans:
      per_use:
        - valid_from: 2020-01-01
          prices:
            - {currency: CNY, model: graduated, tiers: [{up_to: 10, price: 0.10}, {price: 0.05}]}
  - id: call
    name: 网络电话
    currency: CNY
    unit: minute
    plans:
      per_use: [{valid_from: 2020-01-01, price: {CNY: 0.30}}]
"""
