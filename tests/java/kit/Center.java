package kit;

/** Whatever answers the calls of one line: Caucho's proxy, or the plain Hessian 1 reader. */
interface Center {
    Object call(String operation, Object[] arguments) throws Throwable;
}
