/* The short cut: reads the calls that callers really send, in one pass and without a Python frame.
 *
 * It knows the usual productions of both grammars (`hessian1.ROWS`, `hessian2.ROWS`) and nothing
 * else: no references, headers, chunks, binaries, draft 2, remote objects, surrogates, keys other
 * than strings; and it knows no errors. Whatever it does not know, whatever is wrong and whatever
 * reaches a limit makes it give up, and `calls.decode_call` reads the body from the beginning in
 * Python, which finds the right value or the right error. So this file can only be wrong by reading
 * something that the Python code reads differently, and the tests compare the two.
 *
 * Bounds: every length is held against the bytes that are left before it is used; values, depth,
 * containers, definitions, fields and string lengths are counted as `Reader` counts them.
 */

#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <datetime.h>
#include <structmember.h>

typedef struct {
    PyObject *type_name;
    PyObject *names; /* a tuple of str */
    int repeats;
} Definition;

#define MOST_DEFINITIONS 32 /* more in one call are left to Python, whatever the limit */

typedef struct {
    const unsigned char *at, *end;
    int is_2;
    long long values, levels, containers, definitions, fields, units; /* what the limits leave */
    int defined;
    Definition definition[MOST_DEFINITIONS];
} Reader;

/* What `prepare` was given, and where the slots of an HObject are (0 when it has none). */
static PyObject *Call, *HObject, *HList, *Long, *remote_name, *framings;
static Py_ssize_t type_name_slot, fields_slot;

/* The limits of the last call, already read: mostly the same object comes again. */
static PyObject *known_limits;
static long long limit[7];
enum { BODY_BYTES, VALUES, DEPTH, REFERENCES, DEFINITIONS, FIELDS, UNITS };
static const char *const LIMITS[] = {"body_bytes",  "values",      "depth",       "references",
                                     "definitions", "fields_per_definition", "string_units"};

static PyObject *value(Reader *r);

/* --- strings ----------------------------------------------------------------------------------- */

#define KEPT_NAMES 1024
#define LONGEST_NAME 64
static PyObject *kept_name[KEPT_NAMES]; /* names seen before, by a hash of their bytes */

/* Where `units` UTF-16 units end; NULL if they are cut, malformed, or need surrogates. */
static const unsigned char *end_of(Reader *r, Py_ssize_t units, int *ascii) {
    const unsigned char *p = r->at;
    if (units > r->end - p || units > r->units) return NULL;
    Py_ssize_t i = 0;
    while (i < units && p[i] < 0x80) i++;
    *ascii = i == units;
    p += i;
    for (; i < units; i++) {
        if (p >= r->end) return NULL;
        int width = *p < 0x80 ? 1 : *p < 0xc2 ? 0 : *p < 0xe0 ? 2 : *p < 0xf0 ? 3 : 0;
        if (width == 0 || width > r->end - p || (*p == 0xed && p[1] >= 0xa0)) return NULL;
        p += width;
    }
    return p;
}

static PyObject *text(Reader *r, Py_ssize_t units) {
    int ascii;
    const unsigned char *end = end_of(r, units, &ascii);
    if (end == NULL) return NULL;
    PyObject *made;
    if (ascii) {
        made = PyUnicode_New(units, 127);
        if (made != NULL && units > 0) memcpy(PyUnicode_1BYTE_DATA(made), r->at, units);
    } else {
        made = PyUnicode_DecodeUTF8((const char *)r->at, end - r->at, NULL);
    }
    r->at = end;
    return made;
}

/* A string that is likely to come again: the same object each time, its hash already known. */
static PyObject *name(Reader *r, Py_ssize_t units) {
    if (units == 0 || units > LONGEST_NAME || units > r->end - r->at) return text(r, units);
    size_t hash = units;
    for (Py_ssize_t i = 0; i < units; i++) {
        if (r->at[i] >= 0x80) return text(r, units);
        hash = hash * 31 + r->at[i];
    }
    PyObject **kept = &kept_name[(hash ^ hash >> 10) % KEPT_NAMES];
    if (*kept != NULL && PyUnicode_GET_LENGTH(*kept) == units &&
        memcmp(PyUnicode_1BYTE_DATA(*kept), r->at, units) == 0) {
        if (units > r->units) return NULL;
        r->at += units;
        return Py_NewRef(*kept);
    }
    PyObject *made = text(r, units);
    if (made != NULL) Py_XSETREF(*kept, Py_NewRef(made));
    return made;
}

static int left(Reader *r, Py_ssize_t bytes) { return r->end - r->at >= bytes; }

static unsigned u16(const unsigned char *p) { return (unsigned)p[0] << 8 | p[1]; }

static long long i32(const unsigned char *p) { return (int)((unsigned)u16(p) << 16 | u16(p + 2)); }

static long long i64(const unsigned char *p) {
    return (long long)((unsigned long long)(unsigned)i32(p) << 32 | (unsigned)i32(p + 4));
}

/* string ::= [x00-x1f] | [x30-x33] b0 | 'S' b1 b0 of Hessian 2: its units, or -1. */
static Py_ssize_t units_2(Reader *r) {
    if (!left(r, 1)) return -1;
    unsigned tag = *r->at++;
    if (tag <= 0x1f) return tag;
    if (tag >= 0x30 && tag <= 0x33 && left(r, 1)) return (tag - 0x30) << 8 | *r->at++;
    if (tag == 'S' && left(r, 2)) return r->at += 2, u16(r->at - 2);
    return -1;
}

static PyObject *name_2(Reader *r) {
    Py_ssize_t units = units_2(r);
    return units < 0 ? NULL : name(r, units);
}

/* int of Hessian 2, in any of its forms: 1 if there was one. */
static int int_2(Reader *r, long long *number) {
    if (!left(r, 1)) return 0;
    int tag = *r->at++;
    if (tag >= 0x80 && tag <= 0xbf) return *number = tag - 0x90, 1;
    if (tag >= 0xc0 && tag <= 0xcf && left(r, 1)) return *number = (tag - 0xc8) * 256 + r->at[0], r->at++, 1;
    if (tag >= 0xd0 && tag <= 0xd7 && left(r, 2)) return *number = (tag - 0xd4) * 65536 + (int)u16(r->at), r->at += 2, 1;
    if (tag == 'I' && left(r, 4)) return *number = i32(r->at), r->at += 4, 1;
    return 0;
}

/* --- dates and longs --------------------------------------------------------------------------- */

#define FIRST_MILLIS (-62135596800000LL) /* year 1 */
#define LAST_MILLIS 253402300799999LL    /* year 9999 */

static PyObject *instant(long long millis) {
    if (millis < FIRST_MILLIS || millis > LAST_MILLIS) return NULL;
    long long of_day = millis % 86400000, days = millis / 86400000;
    if (of_day < 0) of_day += 86400000, days--;
    /* Days since 1970 to year, month, day: 400-year eras that begin on the first of March. */
    long long z = days + 719468, era = (z >= 0 ? z : z - 146096) / 146097, in_era = z - era * 146097;
    long long year = (in_era - in_era / 1460 + in_era / 36524 - in_era / 146096) / 365;
    long long in_year = in_era - (365 * year + year / 4 - year / 100), m = (5 * in_year + 2) / 153;
    int day = (int)(in_year - (153 * m + 2) / 5 + 1), month = (int)(m < 10 ? m + 3 : m - 9);
    int seconds = (int)(of_day / 1000);
    return PyDateTimeAPI->DateTime_FromDateAndTime(
        (int)(year + era * 400 + (month <= 2)), month, day, seconds / 3600, seconds / 60 % 60, seconds % 60,
        (int)(of_day % 1000) * 1000, PyDateTime_TimeZone_UTC, PyDateTimeAPI->DateTimeType);
}

static PyObject *long_of(long long number) {
    PyObject *plain = PyLong_FromLongLong(number);
    if (plain == NULL) return NULL;
    PyObject *made = PyObject_CallOneArg(Long, plain);
    Py_DECREF(plain);
    return made;
}

static PyObject *double_of(const unsigned char *p) {
    return PyFloat_FromDouble(PyFloat_Unpack8((const char *)p, 0));
}

/* --- objects, maps, lists ---------------------------------------------------------------------- */

static int enter(Reader *r) { return r->containers-- > 0 && r->levels-- > 0; }

/* An HObject; takes over neither reference. */
static PyObject *object_of(PyObject *type_name, PyObject *fields) {
    if (fields_slot == 0) return PyObject_CallFunctionObjArgs(HObject, type_name, fields, NULL);
    PyObject *made = ((PyTypeObject *)HObject)->tp_alloc((PyTypeObject *)HObject, 0);
    if (made != NULL) {
        *(PyObject **)((char *)made + type_name_slot) = Py_NewRef(type_name);
        *(PyObject **)((char *)made + fields_slot) = Py_NewRef(fields);
    }
    return made;
}

/* Keys and values up to the end tag, into `fields`: 1 if all keys were strings. */
static int pairs(Reader *r, PyObject *fields, int typed) {
    int end = r->is_2 ? 'Z' : 'z';
    for (;;) {
        if (!left(r, 1)) return 0;
        if (*r->at == end) return r->at++, 1;
        if ((r->values -= 2) < 0) return 0;
        PyObject *key;
        if (r->is_2) {
            key = name_2(r);
        } else {
            if (!left(r, 3) || r->at[0] != 'S') return 0;
            r->at += 3;
            key = name(r, u16(r->at - 2));
        }
        if (key == NULL) return 0;
        r->values++; /* reading the value counts it */
        PyObject *item = value(r);
        int done = item != NULL && (typed ? PyDict_SetDefault(fields, key, item) != NULL
                                          : PyDict_SetItem(fields, key, item) == 0);
        Py_DECREF(key);
        Py_XDECREF(item);
        if (!done) return 0;
    }
}

/* map: of the type `type_name`, which is taken over; an empty one is none. */
static PyObject *map_of(Reader *r, PyObject *type_name) {
    PyObject *made = NULL, *fields = PyDict_New();
    int typed = PyUnicode_GET_LENGTH(type_name) > 0;
    if (fields != NULL && enter(r) && pairs(r, fields, typed))
        made = typed ? object_of(type_name, fields) : Py_NewRef(fields);
    r->levels++;
    Py_XDECREF(fields);
    Py_DECREF(type_name);
    return made;
}

/* list: `length` items, or up to 'z' if it is negative; `type_name` may be NULL and is taken over. */
static PyObject *list_of(Reader *r, PyObject *type_name, long long length) {
    int typed = type_name != NULL && PyUnicode_GET_LENGTH(type_name) > 0;
    PyObject *made = typed ? PyObject_CallOneArg(HList, type_name) : PyList_New(0);
    Py_XDECREF(type_name);
    if (made == NULL || !enter(r)) goto give_up;
    for (long long i = 0; length < 0 || i < length; i++) {
        if (length < 0) {
            if (!left(r, 1)) goto give_up;
            if (*r->at == 'z') {
                r->at++;
                break;
            }
        }
        PyObject *item = value(r);
        if (item == NULL) goto give_up;
        int failed = PyList_Append(made, item);
        Py_DECREF(item);
        if (failed) goto give_up;
    }
    r->levels++;
    return made;
give_up:
    Py_XDECREF(made);
    return NULL;
}

/* class-def ::= 'C' string int string*, its tag already read: 1 if it could be kept. */
static int define(Reader *r) {
    if (r->defined >= MOST_DEFINITIONS || r->definitions-- <= 0) return 0;
    Definition *made = &r->definition[r->defined];
    made->type_name = name_2(r);
    made->names = NULL;
    if (made->type_name == NULL) return 0;
    r->defined++; /* from here on it is let go with the others */
    long long count;
    if (PyUnicode_GET_LENGTH(made->type_name) == 0 || PyUnicode_Compare(made->type_name, remote_name) == 0) return 0;
    if (!int_2(r, &count) || count < 0 || count > r->fields || !left(r, count)) return 0;
    made->names = PyTuple_New((Py_ssize_t)count);
    if (made->names == NULL) return 0;
    for (Py_ssize_t i = 0; i < count; i++) {
        PyObject *field = name_2(r);
        if (field == NULL) return 0;
        PyTuple_SET_ITEM(made->names, i, field);
    }
    return 1;
}

/* value*: the fields of an object of the class definition `number`; of a name twice the first counts. */
static PyObject *instance(Reader *r, long long number) {
    if (number < 0 || number >= r->defined) return NULL;
    Definition *definition = &r->definition[number];
    PyObject *made = NULL, *fields = PyDict_New();
    if (fields == NULL || !enter(r)) goto done;
    for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(definition->names); i++) {
        PyObject *item = value(r);
        if (item == NULL) goto done;
        PyObject *kept = PyDict_SetDefault(fields, PyTuple_GET_ITEM(definition->names, i), item);
        Py_DECREF(item);
        if (kept == NULL) goto done;
    }
    r->levels++;
    made = object_of(definition->type_name, fields);
done:
    Py_XDECREF(fields);
    return made;
}

/* --- the two grammars -------------------------------------------------------------------------- */

/* type ::= 't' b1 b0 <utf8> of Hessian 1, or "" when there is none. */
static PyObject *type_1(Reader *r) {
    if (!left(r, 3) || *r->at != 't') return PyUnicode_New(0, 0);
    r->at += 3;
    return name(r, u16(r->at - 2));
}

static PyObject *value_1(Reader *r, int tag) {
    PyObject *type_name;
    switch (tag) {
        case 'N': Py_RETURN_NONE;
        case 'T': Py_RETURN_TRUE;
        case 'F': Py_RETURN_FALSE;
        case 'I': return left(r, 4) ? r->at += 4, PyLong_FromLongLong(i32(r->at - 4)) : NULL;
        case 'L': return left(r, 8) ? r->at += 8, long_of(i64(r->at - 8)) : NULL;
        case 'D': return left(r, 8) ? r->at += 8, double_of(r->at - 8) : NULL;
        case 'd': return left(r, 8) ? r->at += 8, instant(i64(r->at - 8)) : NULL;
        case 'S': return left(r, 2) ? r->at += 2, text(r, u16(r->at - 2)) : NULL;
        case 'M': return (type_name = type_1(r)) == NULL ? NULL : map_of(r, type_name);
        case 'V':
            if ((type_name = type_1(r)) == NULL) return NULL;
            if (left(r, 5) && *r->at == 'l') r->at += 5;
            return list_of(r, type_name, -1);
        default: return NULL;
    }
}

static PyObject *value_2(Reader *r, int tag) {
    PyObject *type_name;
    long long number;
    if (tag <= 0x1f) return text(r, tag);
    if (tag >= 0x80 && tag <= 0xd7) return r->at--, int_2(r, &number) ? PyLong_FromLongLong(number) : NULL;
    if (tag >= 0x60 && tag <= 0x6f) return instance(r, tag - 0x60);
    if (tag >= 0x78 && tag <= 0x7f) return list_of(r, NULL, tag - 0x78);
    if (tag >= 0x30 && tag <= 0x33) return left(r, 1) ? r->at++, text(r, (tag - 0x30) << 8 | r->at[-1]) : NULL;
    if (tag >= 0xd8 && tag <= 0xef) return long_of(tag - 0xe0);
    if (tag >= 0xf0) return left(r, 1) ? r->at++, long_of((tag - 0xf8) * 256 + r->at[-1]) : NULL;
    if (tag >= 0x38 && tag <= 0x3f) return left(r, 2) ? r->at += 2, long_of((tag - 0x3c) * 65536 + (int)u16(r->at - 2)) : NULL;
    if (tag >= 0x70 && tag <= 0x77) return (type_name = name_2(r)) == NULL ? NULL : list_of(r, type_name, tag - 0x70);
    switch (tag) {
        case 'N': Py_RETURN_NONE;
        case 'T': Py_RETURN_TRUE;
        case 'F': Py_RETURN_FALSE;
        case 'S': return left(r, 2) ? r->at += 2, text(r, u16(r->at - 2)) : NULL;
        case 'K': return left(r, 4) ? r->at += 4, instant(i32(r->at - 4) * 60000) : NULL;
        case 'J': return left(r, 8) ? r->at += 8, instant(i64(r->at - 8)) : NULL;
        case 'I': return left(r, 4) ? r->at += 4, PyLong_FromLongLong(i32(r->at - 4)) : NULL;
        case 'Y': return left(r, 4) ? r->at += 4, long_of(i32(r->at - 4)) : NULL;
        case 'L': return left(r, 8) ? r->at += 8, long_of(i64(r->at - 8)) : NULL;
        case 'D': return left(r, 8) ? r->at += 8, double_of(r->at - 8) : NULL;
        case 0x5b: return PyFloat_FromDouble(0.0);
        case 0x5c: return PyFloat_FromDouble(1.0);
        case 0x5d: return left(r, 1) ? r->at++, PyFloat_FromDouble((signed char)r->at[-1]) : NULL;
        case 0x5e: return left(r, 2) ? r->at += 2, PyFloat_FromDouble((short)u16(r->at - 2)) : NULL;
        case 0x5f: return left(r, 4) ? r->at += 4, PyFloat_FromDouble(0.001 * (double)i32(r->at - 4)) : NULL;
        case 'H': return (type_name = PyUnicode_New(0, 0)) == NULL ? NULL : map_of(r, type_name);
        case 'M': return (type_name = name_2(r)) == NULL ? NULL : map_of(r, type_name);
        case 'O': return int_2(r, &number) ? instance(r, number) : NULL;
        case 'X': return int_2(r, &number) && number >= 0 ? list_of(r, NULL, number) : NULL;
        case 'V':
            if ((type_name = name_2(r)) == NULL) return NULL;
            if (int_2(r, &number) && number >= 0) return list_of(r, type_name, number);
            Py_DECREF(type_name);
            return NULL;
        default: return NULL;
    }
}

/* One value of either grammar; NULL, mostly without an exception, to give up. */
static PyObject *value(Reader *r) {
    if (!left(r, 1) || --r->values < 0) return NULL;
    if (!r->is_2) return r->at++, value_1(r, r->at[-1]);
    if (*r->at == 'C' && --r->values < 0) return NULL; /* definitions before a value count once */
    while (*r->at == 'C') {
        r->at++;
        if (!define(r) || !left(r, 1)) return NULL;
    }
    return r->at++, value_2(r, r->at[-1]);
}

/* --- calls ------------------------------------------------------------------------------------- */

/* How the body begins: the place of its framing in `framings`, with `at` after it; or -1. */
static int framing(Reader *r) {
    static const struct {
        const char *first;
        int length, is_2;
    } beginnings[] = {{"c\1\0m", 4, 0}, {"c\0\1m", 4, 0}, {"c\2\0m", 4, 0}, {"H\2\0C", 4, 1}, {"C", 1, 1}};
    for (int i = 0; i < 5; i++) {
        if (left(r, beginnings[i].length) && memcmp(r->at, beginnings[i].first, beginnings[i].length) == 0) {
            r->at += beginnings[i].length;
            r->is_2 = beginnings[i].is_2;
            return i;
        }
    }
    return -1;
}

/* The arguments: `count` values, or values up to the end of the call if it is negative. */
static PyObject *arguments(Reader *r, long long count) {
    PyObject *found[32];
    Py_ssize_t many = 0, most = (Py_ssize_t)(sizeof found / sizeof *found);
    PyObject *made = NULL;
    while (count < 0 ? left(r, 1) && *r->at != 'z' : many < count) {
        if (many == most || (found[many] = value(r)) == NULL) goto done;
        many++;
    }
    if (count < 0 && (!left(r, 1) || *r->at++ != 'z')) goto done;
    if (r->at != r->end || (made = PyTuple_New(many)) == NULL) goto done;
    for (Py_ssize_t i = 0; i < many; i++) PyTuple_SET_ITEM(made, i, Py_NewRef(found[i]));
done:
    while (many > 0) Py_DECREF(found[--many]);
    return made;
}

static PyObject *call_of(Reader *r, int how) {
    PyObject *method, *values = NULL, *headers = NULL, *parts = NULL, *made = NULL;
    long long count = -1;
    if (r->is_2) {
        if ((method = name_2(r)) == NULL) return NULL;
        if (!int_2(r, &count) || count < 0) goto done;
    } else {
        if (!left(r, 2)) return NULL;
        r->at += 2;
        if ((method = name(r, u16(r->at - 2))) == NULL) return NULL;
    }
    if ((values = arguments(r, count)) == NULL || (headers = PyDict_New()) == NULL) goto done;
    if ((parts = PyTuple_Pack(4, method, values, headers, PyTuple_GET_ITEM(framings, how))) == NULL) goto done;
    PyObject *wrapped = PyTuple_Pack(1, parts);
    if (wrapped != NULL) made = PyTuple_Type.tp_new((PyTypeObject *)Call, wrapped, NULL);
    Py_XDECREF(wrapped);
done:
    Py_DECREF(method);
    Py_XDECREF(values);
    Py_XDECREF(headers);
    Py_XDECREF(parts);
    return made;
}

static int learn_limits(PyObject *limits) {
    if (limits == known_limits) return 1;
    Py_CLEAR(known_limits);
    for (int i = 0; i < 7; i++) {
        PyObject *number = PyObject_GetAttrString(limits, LIMITS[i]);
        if (number == NULL) return 0;
        limit[i] = PyLong_AsLongLong(number);
        Py_DECREF(number);
        if (limit[i] == -1 && PyErr_Occurred()) return 0;
    }
    Py_XSETREF(known_limits, Py_NewRef(limits));
    return 1;
}

static PyObject *read_call(PyObject *module, PyObject *const *args, Py_ssize_t count) {
    if (count != 2 || !PyBytes_CheckExact(args[0]) || Call == NULL) Py_RETURN_NONE;
    Py_ssize_t size = PyBytes_GET_SIZE(args[0]);
    if (!learn_limits(args[1])) return NULL;
    if (size > limit[BODY_BYTES]) Py_RETURN_NONE;
    const unsigned char *body = (const unsigned char *)PyBytes_AS_STRING(args[0]);
    Reader r;
    r.at = body;
    r.end = body + size;
    r.values = limit[VALUES];
    r.levels = limit[DEPTH];
    r.containers = limit[REFERENCES];
    r.definitions = limit[DEFINITIONS];
    r.fields = limit[FIELDS];
    r.units = limit[UNITS];
    r.defined = 0;
    int how = framing(&r);
    PyObject *made = how < 0 ? NULL : call_of(&r, how);
    for (int i = 0; i < r.defined; i++) {
        Py_XDECREF(r.definition[i].type_name);
        Py_XDECREF(r.definition[i].names);
    }
    if (made != NULL) return made;
    PyErr_Clear();
    Py_RETURN_NONE;
}

/* --- the module -------------------------------------------------------------------------------- */

static Py_ssize_t slot(PyObject *type, const char *attribute) {
    PyObject *found = PyObject_GetAttrString(type, attribute);
    Py_ssize_t offset = 0;
    if (found != NULL && Py_IS_TYPE(found, &PyMemberDescr_Type))
        offset = ((PyMemberDescrObject *)found)->d_member->offset;
    Py_XDECREF(found);
    PyErr_Clear();
    return offset;
}

static PyObject *prepare(PyObject *module, PyObject *args) {
    if (!PyArg_ParseTuple(args, "OOOOOO!", &Call, &HObject, &HList, &Long, &remote_name, &PyTuple_Type, &framings))
        return NULL;
    Py_INCREF(Call), Py_INCREF(HObject), Py_INCREF(HList), Py_INCREF(Long), Py_INCREF(remote_name), Py_INCREF(framings);
    type_name_slot = slot(HObject, "type_name");
    fields_slot = type_name_slot == 0 ? 0 : slot(HObject, "fields");
    Py_RETURN_NONE;
}

static PyMethodDef methods[] = {
    {"read_call", (PyCFunction)(void (*)(void))read_call, METH_FASTCALL,
     "read_call(body, limits) -> Call, or None for a body that is to be read in Python"},
    {"prepare", prepare, METH_VARARGS, "prepare(Call, HObject, HList, Long, remote, framings): what to make"},
    {NULL, NULL, 0, NULL},
};

static struct PyModuleDef definition = {PyModuleDef_HEAD_INIT, "_quick", "See calls.decode_call.", -1, methods};

PyMODINIT_FUNC PyInit__quick(void) {
    PyDateTime_IMPORT;
    return PyDateTimeAPI == NULL ? NULL : PyModule_Create(&definition);
}
