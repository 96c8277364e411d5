package kit;

import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;

/**
 * One JVM for a whole test run: reads calls from standard input, one a line, and prints one line for each.
 *
 * <pre>
 *   in    connect TAB url TAB user TAB password TAB mode TAB overload|plain
 *         operation TAB argument ...                     (see Tokens)
 *   out   value TAB ...
 *         error TAB class name TAB message TAB class of the cause TAB message of the cause
 * </pre>
 *
 * Modes: "default" (a Hessian 1 call framed as 2.0, a Hessian 2 reply), "hessian2" (both ways), "hessian1-proxy"
 * (setHessian2Reply(false)), "hessian1" (a plain Hessian 1 reader).
 */
public final class Caller {
    private Center center;

    public static void main(String[] none) throws Exception {
        BufferedReader lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.US_ASCII));
        Caller caller = new Caller();
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            System.out.println(caller.answer(line));
            System.out.flush();
        }
    }

    private String answer(String line) {
        try {
            Tokens tokens = new Tokens(line);
            String operation = tokens.word();
            if (operation.equals("connect")) {
                connect(tokens);
                return "value\tn";
            }
            return "value\t" + Tokens.shown(center.call(operation, tokens.rest()));
        } catch (Throwable thrown) {
            Throwable cause = thrown.getCause();
            return "error\t" + named(thrown) + "\t" + (cause == null || cause == thrown ? "n\tn" : named(cause));
        }
    }

    private void connect(Tokens tokens) throws Exception {
        String url = tokens.word();
        String user = tokens.word();
        String password = tokens.word();
        String mode = tokens.word();
        boolean overload = tokens.word().equals("overload");
        center = mode.equals("hessian1")
                ? new PlainHessian1(url, user, password)
                : new ProxyCenter(url, user, password, mode, overload);
    }

    private static String named(Throwable thrown) {
        return thrown.getClass().getName() + "\t" + Tokens.escaped(String.valueOf(thrown.getMessage()));
    }
}
