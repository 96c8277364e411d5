package com.alibaba.billing.model;

import java.io.Serializable;
import java.math.BigDecimal;
import java.util.List;

/** What the billing center sends to the account system's chargeAccount. */
public class Invoice implements Serializable {
    private static final long serialVersionUID = 1L;

    /** The same for every try: an account system that knows it must not take the money again. */
    public String guid;
    public String custId;
    public String custName;
    public String payerMemId;
    public BigDecimal totalAmount;
    public BigDecimal rmbAmount;
    public BigDecimal twbAmount;
    public BigDecimal usdollarAmount;
    public BigDecimal gbAmount;
    public List<InvoiceItem> item;
}
