package kit;

import java.lang.reflect.Array;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.math.BigDecimal;
import java.sql.Timestamp;
import java.util.ArrayList;
import java.util.Date;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * One line of values, as tests write and read them: tokens between tabs.
 *
 * <pre>
 *   s:text  i:5  l:5  f:2.5  d:12.50  t:0  T:0  b:true  n     String, int, long, double, BigDecimal, Date, Timestamp ..
 *   {Name  .field value ..  }                                 an object, or a HashMap under the name HashMap
 *   [  value ..  ]                                            a list
 *   @  and the same again                                     the very object written before (a Hessian reference)
 * </pre>
 *
 * Whatever is not printable ASCII, and the backslash, stands as a backslash, u and four hexadecimal digits, one for each UTF-16 unit.
 */
final class Tokens {
    private final String[] tokens;
    private int at;
    private Object last;

    Tokens(String line) {
        tokens = line.split("\t", -1);
    }

    String word() {
        return tokens[at++];
    }

    Object[] rest() throws ReflectiveOperationException {
        List<Object> values = new ArrayList<Object>();
        while (at < tokens.length) {
            values.add(value());
        }
        return values.toArray();
    }

    private Object value() throws ReflectiveOperationException {
        String token = word();
        if (token.startsWith("{")) {
            return object(token.substring(1));
        }
        String text = token.length() > 2 ? token.substring(2) : "";
        switch (token.charAt(0)) {
            case 's':
                return unescaped(text);
            case 'i':
                return Integer.valueOf(text);
            case 'l':
                return Long.valueOf(text);
            case 'f':
                return Double.valueOf(text);
            case 'd':
                return last = new BigDecimal(text);
            case '@':
                return last;
            case 't':
                return new Date(Long.parseLong(text));
            case 'T':
                return new Timestamp(Long.parseLong(text));
            case 'b':
                return Boolean.valueOf(text);
            case 'n':
                return null;
            default:
                throw new IllegalArgumentException("the test kit does not know the token " + token);
        }
    }

    private Object object(String name) throws ReflectiveOperationException {
        Map<String, Object> fields = new HashMap<String, Object>();
        for (String token = word(); !token.equals("}"); token = word()) {
            fields.put(unescaped(token.substring(1)), value());
        }
        if (name.equals("HashMap")) {
            return fields;
        }
        Object made = Class.forName(name).getDeclaredConstructor().newInstance();
        for (Map.Entry<String, Object> field : fields.entrySet()) {
            made.getClass().getField(field.getKey()).set(made, field.getValue());
        }
        return made;
    }

    /** The other way: a value with the class that Java made of it. */
    static String shown(Object value) throws IllegalAccessException {
        StringBuilder line = new StringBuilder();
        show(value, line);
        return line.toString();
    }

    private static void show(Object value, StringBuilder line) throws IllegalAccessException {
        if (value == null) {
            line.append("n");
        } else if (value instanceof String) {
            line.append("s:").append(escaped((String) value));
        } else if (value instanceof BigDecimal) {
            line.append("d:").append(value);
        } else if (value instanceof Boolean) {
            line.append("b:").append(value);
        } else if (value instanceof Integer) {
            line.append("i:").append(value);
        } else if (value instanceof Long) {
            line.append("l:").append(value);
        } else if (value instanceof Double) {
            line.append("f:").append(value);
        } else if (value instanceof Date) {
            line.append("t:").append(((Date) value).getTime());
        } else if (value instanceof List || value.getClass().isArray()) {
            showAll(value, line);
        } else if (value instanceof Map) {
            line.append("{").append(value.getClass().getName());
            for (Map.Entry<?, ?> entry : ((Map<?, ?>) value).entrySet()) {
                showField(escaped(String.valueOf(entry.getKey())), entry.getValue(), line);
            }
            line.append("\t}");
        } else {
            showObject(value, line);
        }
    }

    private static void showAll(Object values, StringBuilder line) throws IllegalAccessException {
        Object array = values instanceof List ? ((List<?>) values).toArray() : values;
        line.append("[");
        for (int i = 0; i < Array.getLength(array); i++) {
            line.append("\t");
            show(Array.get(array, i), line);
        }
        line.append("\t]");
    }

    private static void showObject(Object value, StringBuilder line) throws IllegalAccessException {
        line.append("{").append(value.getClass().getName());
        for (Field field : value.getClass().getFields()) {
            if (!Modifier.isStatic(field.getModifiers())) {
                showField(field.getName(), field.get(value), line);
            }
        }
        line.append("\t}");
    }

    private static void showField(String name, Object value, StringBuilder line) throws IllegalAccessException {
        line.append("\t.").append(name).append("\t");
        show(value, line);
    }

    static String escaped(String text) {
        StringBuilder line = new StringBuilder();
        for (char unit : text.toCharArray()) {
            if (unit < ' ' || unit > '~' || unit == '\\') {
                line.append(String.format("\\u%04x", (int) unit));
            } else {
                line.append(unit);
            }
        }
        return line.toString();
    }

    private static String unescaped(String text) {
        StringBuilder units = new StringBuilder();
        for (int i = 0; i < text.length(); i++) {
            if (text.charAt(i) == '\\') {
                units.append((char) Integer.parseInt(text.substring(i + 2, i + 6), 16));
                i += 5;
            } else {
                units.append(text.charAt(i));
            }
        }
        return units.toString();
    }
}
