import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.math.BigDecimal;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.sql.Types;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Lets Python reach H2: one TCP connection is one JDBC connection. Prints its port, ends when standard input ends.
 *
 * A request is one byte and its data: O(url), X(sql, rows of values), C(ommit), R(ollback). An answer is one byte
 * and its data: E(rror code and text), U(pdate counts, errors of single rows), Q(uery result), K for done.
 */
final class OracleOnH2 implements Runnable {
    private static final int STATEMENTS_KEPT = 300;

    private final DataInputStream in;
    private final DataOutputStream out;
    private Connection database;
    private final Map<String, PreparedStatement> statements =
        new LinkedHashMap<String, PreparedStatement>(16, 0.75f, true) {
            @Override
            protected boolean removeEldestEntry(Map.Entry<String, PreparedStatement> eldest) {
                if (size() <= STATEMENTS_KEPT) {
                    return false;
                }
                try {
                    eldest.getValue().close();
                } catch (SQLException ignored) {
                    // it goes with its connection
                }
                return true;
            }
        };

    private OracleOnH2(Socket socket) throws IOException {
        socket.setTcpNoDelay(true);
        in = new DataInputStream(new BufferedInputStream(socket.getInputStream(), 1 << 16));
        out = new DataOutputStream(new BufferedOutputStream(socket.getOutputStream(), 1 << 16));
    }

    public static void main(String[] arguments) throws Exception {
        ServerSocket server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        Thread watch = new Thread(OracleOnH2::endWithThePipe);
        watch.setDaemon(true);
        watch.start();
        System.out.println(server.getLocalPort());
        System.out.flush();
        while (true) {
            Thread served = new Thread(new OracleOnH2(server.accept()));
            served.setDaemon(true);
            served.start();
        }
    }

    private static void endWithThePipe() {
        try {
            while (System.in.read() >= 0) {
                // nothing is ever sent: the end of the stream is the end of the test run
            }
        } catch (IOException ended) {
            // the same
        }
        System.exit(0);
    }

    @Override
    public void run() {
        try {
            while (true) {
                char request = (char) in.readByte();
                try {
                    serve(request);
                } catch (SQLException refused) {
                    out.writeByte('E');
                    out.writeInt(refused.getErrorCode());
                    writeText(String.valueOf(refused.getMessage()));
                }
                out.flush();
            }
        } catch (EOFException ended) {
            closed();
        } catch (IOException ended) {
            closed();
        }
    }

    private void closed() {
        try {
            if (database != null) {
                database.rollback();
                database.close();
            }
        } catch (SQLException ignored) {
            // closed already
        }
    }

    private void serve(char request) throws IOException, SQLException {
        switch (request) {
            case 'O':
                database = DriverManager.getConnection(readText());
                database.setAutoCommit(false);
                out.writeByte('K');
                break;
            case 'C':
                database.commit();
                out.writeByte('K');
                break;
            case 'R':
                database.rollback();
                out.writeByte('K');
                break;
            case 'X':
                execute();
                break;
            default:
                throw new IOException("unknown request " + request);
        }
    }

    /** Every row by itself: those before a failing one stay done, as with Oracle's array binds. */
    private void execute() throws IOException, SQLException {
        String sql = readText();
        int rows = in.readInt();
        int binds = in.readInt();
        Object[][] values = new Object[rows][binds];
        for (Object[] row : values) {
            for (int place = 0; place < binds; place++) {
                row[place] = readValue();
            }
        }
        PreparedStatement statement = statements.get(sql);
        if (statement == null) {
            statement = database.prepareStatement(sql);
            statements.put(sql, statement);
        }
        if (statement.getMetaData() != null) {
            bind(statement, values[0]);
            try (ResultSet found = statement.executeQuery()) {
                writeResult(found);
            }
            return;
        }
        int[] counts = new int[rows];
        SQLException[] failed = new SQLException[rows];
        for (int row = 0; row < rows; row++) {
            try {
                bind(statement, values[row]);
                counts[row] = statement.executeUpdate();
            } catch (SQLException refused) {
                failed[row] = refused;
            }
        }
        out.writeByte('U');
        out.writeInt(rows);
        for (int row = 0; row < rows; row++) {
            out.writeInt(counts[row]);
            out.writeInt(failed[row] == null ? 0 : failed[row].getErrorCode());
            if (failed[row] != null) {
                writeText(String.valueOf(failed[row].getMessage()));
            }
        }
    }

    private static void bind(PreparedStatement statement, Object[] values) throws SQLException {
        for (int place = 0; place < values.length; place++) {
            if (values[place] == null) {
                statement.setNull(place + 1, Types.NULL);
            } else {
                statement.setObject(place + 1, values[place]);
            }
        }
    }

    private void writeResult(ResultSet found) throws IOException, SQLException {
        ResultSetMetaData shape = found.getMetaData();
        int columns = shape.getColumnCount();
        out.writeByte('Q');
        out.writeInt(columns);
        for (int column = 1; column <= columns; column++) {
            writeText(shape.getColumnLabel(column));
            out.writeInt(shape.getColumnType(column));
            out.writeInt(shape.getPrecision(column));
            out.writeInt(shape.getScale(column));
            out.writeByte(shape.getTableName(column).isEmpty() ? 1 : 0);
        }
        while (found.next()) {
            out.writeByte(1);
            for (int column = 1; column <= columns; column++) {
                writeValue(found, column, shape.getColumnType(column));
            }
        }
        out.writeByte(0);
    }

    private void writeValue(ResultSet found, int column, int type) throws IOException, SQLException {
        String text;
        switch (type) {
            case Types.TIMESTAMP_WITH_TIMEZONE:
                OffsetDateTime instant = found.getObject(column, OffsetDateTime.class);
                text = instant == null ? null : withoutZone(instant);
                break;
            case Types.TIMESTAMP:
            case Types.DATE:
                LocalDateTime time = found.getObject(column, LocalDateTime.class);
                text = time == null ? null : time.toString();
                break;
            case Types.NUMERIC:
            case Types.DECIMAL:
                BigDecimal number = found.getBigDecimal(column);
                text = number == null ? null : number.stripTrailingZeros().toPlainString(); // as NUMBER
                break;
            default:
                text = found.getString(column);
        }
        out.writeByte(text == null ? 'N' : 'S');
        if (text != null) {
            writeText(text);
        }
    }

    private static String withoutZone(OffsetDateTime instant) {
        return instant.withOffsetSameInstant(ZoneOffset.UTC).toLocalDateTime().toString();
    }

    private Object readValue() throws IOException {
        char kind = (char) in.readByte();
        switch (kind) {
            case 'N':
                return null;
            case 'I':
                return in.readLong();
            case 'D':
                return new BigDecimal(readText());
            case 'F':
                return in.readDouble();
            case 'T':
                return OffsetDateTime.parse(readText());
            case 'L':
                return LocalDateTime.parse(readText());
            case 'S':
                return readText();
            default:
                throw new IOException("unknown value " + kind);
        }
    }

    private String readText() throws IOException {
        byte[] bytes = new byte[in.readInt()];
        in.readFully(bytes);
        return new String(bytes, StandardCharsets.UTF_8);
    }

    private void writeText(String text) throws IOException {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        out.writeInt(bytes.length);
        out.write(bytes);
    }
}
