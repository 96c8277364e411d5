import com.alibaba.billing.BillingCenter;
import com.alibaba.billing.model.Billinginfo;
import com.alibaba.billing.model.Order;
import com.caucho.hessian.client.HessianProxyFactory;
import java.io.PrintStream;
import java.math.BigDecimal;
import java.net.MalformedURLException;
import java.util.Date;
import java.util.HashMap;
import org.mule.esb.model.tcc.result.EsbResultModel;

/**
 * A month of a small customer, called by Caucho's own client: a price, two orders, a use, and what the billing center
 * thinks of the payer. The product ids are those of the sample catalog.
 *
 * <p>Usage: BillingExample URL USER PASSWORD
 */
public final class BillingExample {
    private static final String PER_USE = "sms";
    private static final String PER_ACCOUNT_DAY = "crm";

    private final BillingCenter center;
    private final PrintStream out;
    /** Ids of our own, so that the example can be run again and again against one database. */
    private final String run = Long.toString(System.currentTimeMillis(), 36);

    private BillingExample(BillingCenter center, PrintStream out) {
        this.center = center;
        this.out = out;
    }

    public static void main(String[] arguments) throws Exception {
        BillingCenter center = connect(arguments[0], arguments[1], arguments[2]);
        PrintStream out = new PrintStream(System.out, true, "UTF-8");
        new BillingExample(center, out).play();
    }

    /** Nothing but Caucho's factory. Time-outs are worth setting: without them its client waits for ever. */
    private static BillingCenter connect(String url, String user, String password) throws MalformedURLException {
        HessianProxyFactory factory = new HessianProxyFactory();
        factory.setUser(user);
        factory.setPassword(password);
        factory.setConnectTimeout(5_000);
        factory.setReadTimeout(60_000);
        return (BillingCenter) factory.create(BillingCenter.class, url);
    }

    private void play() {
        say("getTotalPrice, 10 uses", quote(PER_USE, new BigDecimal("10")));

        Order seats = order("crm-" + run, PER_ACCOUNT_DAY);
        seats.isQuota = "1";
        say("installOrder, charged per account and day", center.installOrder(seats));
        say("installOrder again: a repeat does no harm", center.installOrder(seats));
        say("changeAccountNum to 8 accounts", center.changeAccountNum(seats.payerMemId, 8, PER_ACCOUNT_DAY));

        Order messages = order("sms-" + run, PER_USE);
        messages.billingType = "次";
        say("installOrder, charged per use", center.installOrder(messages));
        say("insertServiceOp, 3 uses", center.insertServiceOp(use(messages, "3", "guid-" + run)));
        say("insertServiceOp, the same guid: counted once", center.insertServiceOp(use(messages, "3", "guid-" + run)));
        say("insertServiceOp, no quantity: refused", center.insertServiceOp(use(messages, null, "bad-" + run)));

        say("updateOrderState, suspended", center.updateOrderState(seats.orderId, "2"));
        say("feedbackUser, not in arrears", center.feedbackUser(seats.payerMemId));
        say("payCallback, an invoice nobody issued: refused", center.payCallback("no-such-invoice", "1"));
    }

    private String quote(String product, BigDecimal count) {
        HashMap<String, String> features = new HashMap<String, String>();
        EsbResultModel answer = center.getTotalPrice(product, features, "", count, "RMB");
        BigDecimal price = (BigDecimal) answer.returnValue;
        return answer.isSuccessed ? price + " RMB" : price + ": " + answer.exceptionDesc;
    }

    private Order order(String orderId, String product) {
        Order order = new Order();
        order.orderId = orderId;
        order.ordercode = "code-" + orderId;
        order.custId = "customer-" + run;
        order.payerMemId = "payer-" + run;
        order.billingType = "日";
        order.productId = product;
        order.status = "1";
        order.startDate = new Date();
        order.specCondition = "";
        order.isQuota = "0";
        return order;
    }

    private Billinginfo use(Order order, String quantity, String guid) {
        Billinginfo use = new Billinginfo();
        use.userId = "user-" + run;
        use.username = "小王";
        use.payerMemId = order.payerMemId;
        use.productId = order.productId;
        use.productName = "短信";
        use.startDate = new Date();
        use.useAge = quantity == null ? null : new BigDecimal(quantity);
        use.useUnit = "次";
        use.guid = guid;
        return use;
    }

    private void say(String what, String answer) {
        out.printf("%-48s %s%n", what, answer);
    }
}
