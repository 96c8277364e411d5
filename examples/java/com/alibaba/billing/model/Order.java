package com.alibaba.billing.model;

import java.io.Serializable;
import java.util.Date;

/** One order line. */
public class Order implements Serializable {
    private static final long serialVersionUID = 1L;

    public String orderId;
    public String ordercode;
    public String custId;
    public String billingType;
    public String productId;
    public String status;
    public String productStrategyId;
    public Date startDate;
    public String specCondition;
    public String isQuota;
    public String payerMemId;
}
