package org.mule.esb.model.tcc.result;

import java.io.Serializable;

/** The answer of getTotalPrice. Callers that have the original class on their class path use that one. */
public class EsbResultModel implements Serializable {
    private static final long serialVersionUID = 1L;

    public boolean isSuccessed;
    public String exceptionDesc;
    /** A java.math.BigDecimal: the price, or an error code from -1 to -4. */
    public Serializable returnValue;
    public String returnClassName;
    public String methodType;
    public String fromCharcode;
    public String toCharcode;
    public Boolean charsetConverted;
    public String msgId;
}
