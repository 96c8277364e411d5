package kit;

import com.alibaba.billing.BillingCenter;
import com.shop.usage.ShopOrder;
import com.shop.usage.UseRecord;

/** The seven operations, the same with callers' own classes, and calls that the center must refuse. */
public interface TestedCenter extends BillingCenter {
    String insertServiceOp(UseRecord use);

    String installOrder(ShopOrder order);

    String noSuchOperation(String word);

    String feedbackUser(String payerMemId, String tooMany);

    String updateOrderState(String tooFew);
}
