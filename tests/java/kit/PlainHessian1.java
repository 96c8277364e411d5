package kit;

import com.caucho.hessian.io.HessianInput;
import com.caucho.hessian.io.HessianOutput;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.HttpURLConnection;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.util.Base64;

/**
 * Calls in Hessian 1 and reads Hessian 1, as clients of the 3.0 and 3.1 years did. Caucho's 4.x proxy picks the wrong
 * reader for such replies, so its HessianOutput and HessianInput stand directly on the connection here.
 */
final class PlainHessian1 implements Center {
    private final URL url;
    private final String credentials;

    PlainHessian1(String url, String user, String password) throws IOException {
        this.url = new URL(url);
        byte[] pair = (user + ":" + password).getBytes(StandardCharsets.UTF_8);
        this.credentials = user.isEmpty() ? null : "Basic " + Base64.getEncoder().encodeToString(pair);
    }

    @Override
    public Object call(String operation, Object[] arguments) throws Throwable {
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        HessianOutput output = new HessianOutput(body);
        output.call(operation, arguments);
        output.flush();

        HttpURLConnection connection = (HttpURLConnection) url.openConnection();
        connection.setDoOutput(true);
        connection.setReadTimeout(60_000);
        connection.setRequestProperty("Content-Type", "x-application/hessian");
        if (credentials != null) {
            connection.setRequestProperty("Authorization", credentials);
        }
        try (OutputStream sent = connection.getOutputStream()) {
            body.writeTo(sent);
        }
        if (connection.getResponseCode() != 200) {
            throw new IOException("HTTP " + connection.getResponseCode());
        }
        try (InputStream received = connection.getInputStream()) {
            return new HessianInput(received).readReply(null);
        }
    }
}
