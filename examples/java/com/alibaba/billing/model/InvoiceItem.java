package com.alibaba.billing.model;

import java.io.Serializable;
import java.math.BigDecimal;

/** One line of an {@link Invoice}. */
public class InvoiceItem implements Serializable {
    private static final long serialVersionUID = 1L;

    public String guid;
    public String productId;
    public String productName;
    public String orderCode;
    public String currency;
    public BigDecimal amount;
    /** The price before promotions. */
    public BigDecimal markAmount;
}
