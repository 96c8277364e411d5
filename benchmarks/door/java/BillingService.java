import com.alibaba.billing.model.Billinginfo;
import java.util.concurrent.atomic.AtomicLong;

/** The operations of the comparison, in memory: nothing is checked, kept or logged. */
public interface BillingService {
    String feedbackUser(String payerMemId);

    String insertServiceOp(Billinginfo use);

    /** Counts. */
    final class InMemory implements BillingService {
        private final AtomicLong uses = new AtomicLong();

        public String feedbackUser(String payerMemId) {
            return "1";
        }

        public String insertServiceOp(Billinginfo use) {
            uses.incrementAndGet();
            return "1";
        }
    }
}
