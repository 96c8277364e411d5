package kit;

import com.caucho.hessian.client.HessianProxyFactory;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.UndeclaredThrowableException;

/** Calls through an unmodified HessianProxyFactory, in the mode that the test asks for. */
final class ProxyCenter implements Center {
    private final TestedCenter proxy;

    ProxyCenter(String url, String user, String password, String mode, boolean overload) throws Exception {
        HessianProxyFactory factory = new HessianProxyFactory();
        if (!user.isEmpty()) {
            factory.setUser(user);
            factory.setPassword(password);
        }
        factory.setConnectTimeout(10_000);
        factory.setReadTimeout(60_000);
        factory.setOverloadEnabled(overload);
        if (mode.equals("hessian2")) {
            factory.setHessian2Request(true);
        } else if (mode.equals("hessian1-proxy")) {
            factory.setHessian2Reply(false);
        }
        proxy = (TestedCenter) factory.create(TestedCenter.class, url);
    }

    @Override
    public Object call(String operation, Object[] arguments) throws Throwable {
        try {
            return method(operation, arguments).invoke(proxy, arguments);
        } catch (InvocationTargetException wrapped) {
            Throwable thrown = wrapped.getCause();
            throw thrown instanceof UndeclaredThrowableException ? thrown.getCause() : thrown;
        }
    }

    private static Method method(String operation, Object[] arguments) throws NoSuchMethodException {
        for (Method method : TestedCenter.class.getMethods()) {
            if (method.getName().equals(operation) && takes(method.getParameterTypes(), arguments)) {
                return method;
            }
        }
        throw new NoSuchMethodException("the test kit's interface has no such method: " + operation);
    }

    private static boolean takes(Class<?>[] types, Object[] arguments) {
        if (types.length != arguments.length) {
            return false;
        }
        for (int i = 0; i < types.length; i++) {
            boolean fits = types[i] == int.class ? arguments[i] instanceof Integer
                    : arguments[i] == null || types[i].isInstance(arguments[i]);
            if (!fits) {
                return false;
            }
        }
        return true;
    }
}
