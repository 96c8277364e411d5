package com.alibaba.billing.model;

import java.io.Serializable;
import java.math.BigDecimal;
import java.util.Date;

/** The parameter of insertServiceOp, with the fields in the order in which they were declared. */
public class Billinginfo implements Serializable {
    private String username;
    private String userId;
    private String payerMemId;
    private String productName;
    private String productId;
    private String useUnit;
    private Date startDate;
    private Date endDate;
    private BigDecimal amount;
    private BigDecimal useAge;

    public String getUserId() {
        return userId;
    }

    public BigDecimal getAmount() {
        return amount;
    }
}
