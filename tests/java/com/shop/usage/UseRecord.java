package com.shop.usage;

import java.io.Serializable;
import java.math.BigDecimal;
import java.util.Date;

/** A product's own class for a use: another package, another name, another order of fields, fields nobody knows. */
public class UseRecord implements Serializable {
    private static final long serialVersionUID = 1L;

    public BigDecimal useAge;
    public String productId;
    public Date startDate;
    public String userId;
    public String payerMemId;
    public String useUnit;
    public String guid;
    public int shopNumber;
    public String remark;
}
