package com.alibaba.billing;

import com.alibaba.billing.model.Billinginfo;
import com.alibaba.billing.model.Order;
import java.math.BigDecimal;
import java.util.HashMap;
import org.mule.esb.model.tcc.result.EsbResultModel;

/**
 * The seven operations that the billing center serves.
 *
 * <p>"1": done and kept. "-1": a parameter is wrong, sending it again will not help. An exception: nothing was kept, the
 * call may be sent again.
 */
public interface BillingCenter {
    String insertServiceOp(Billinginfo use);

    String installOrder(Order order);

    String updateOrderState(String orderId, String state);

    EsbResultModel getTotalPrice(
            String productKey, HashMap<String, String> featureList, String measureUnits, BigDecimal count, String currency);

    String feedbackUser(String payerMemId);

    String payCallback(String invoiceId, String state);

    String changeAccountNum(String mmId, int currentNum, String productCode);
}
