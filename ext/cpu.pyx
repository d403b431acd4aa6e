"""The processor: which wide instructions it has."""

cdef extern from *:
    """
    #if defined(__x86_64__)
    static int has_avx2(void) { return __builtin_cpu_supports("avx2"); }
    static int has_avx512(void) {
        return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq")
            && __builtin_cpu_supports("avx512vl");
    }
    #else
    static int has_avx2(void) { return 0; }
    static int has_avx512(void) { return 0; }
    #endif
    """
    int has_avx2()
    int has_avx512()


def instructions():
    """Names of the instruction sets a build may use here, the widest first."""
    return [name for name, has in (("avx512", has_avx512()), ("avx2", has_avx2())) if has]
