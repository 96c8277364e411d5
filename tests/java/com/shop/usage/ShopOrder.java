package com.shop.usage;

import com.alibaba.billing.model.Order;

/** A shop's own order: a subclass with one more field. */
public class ShopOrder extends Order {
    private static final long serialVersionUID = 1L;

    public String shop;
}
