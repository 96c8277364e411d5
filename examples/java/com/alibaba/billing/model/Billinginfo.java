package com.alibaba.billing.model;

import java.io.Serializable;
import java.math.BigDecimal;
import java.util.Date;

/** One act of use. Hessian reads fields by name, so getters and setters are left out of this example. */
public class Billinginfo implements Serializable {
    private static final long serialVersionUID = 1L;

    public String username;
    public String userId;
    public String payerMemId;
    public String productName;
    public String productId;
    public Date startDate;
    public Date endDate;
    /** For products that arrive already priced; otherwise null. */
    public BigDecimal amount;
    /** How much was used, in {@link #useUnit}. */
    public BigDecimal useAge;
    public String useUnit;
    /** Your own id of this event. The center's addition to the 2009 interface: the same guid is the same event. */
    public String guid;
}
