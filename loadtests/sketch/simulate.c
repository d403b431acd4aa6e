/* A sketch of the simulation by hand: the yardstick the kernel is measured against. One fixed shape: 180 months, 8 leases,
 * 3 classes, a reserve, a trap, a power path; leases renew or stand empty, tenants default, every path pays a sequential
 * waterfall with a cover trigger. Nothing is data, nothing is audited, little is kept: what a compiler can do with the
 * bare loop, sixteen paths at once. */
#include <math.h>
#include <stdint.h>

#define LANES 16
#define MONTHS 180
#define LEASES 8
#define CLASSES 3
#define EACH for (int b = 0; b < LANES; b++)

typedef double row[LANES];
typedef union { double value; uint64_t bits; } pattern;

static inline uint64_t scramble(uint64_t z) {             /* SplitMix64 (Steele, Lea, Flood 2014) */
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return z ^ (z >> 31);
}

static inline double uniform(uint64_t path, uint64_t draw) {
    pattern cell;
    cell.bits = (scramble(path * 0x9E3779B97F4A7C15u + scramble(draw)) >> 12) | 0x3FF0000000000000u;
    return (cell.value - 1.0) + 1.1102230246251565e-16;
}

static inline double logarithm(double x) {
    pattern part = {x}, whole;
    whole.bits = (part.bits >> 52) | 0x4330000000000000u;
    part.bits = (part.bits & 0xFFFFFFFFFFFFFu) | 0x3FF0000000000000u;
    double e = whole.value - 4503599627371519.0, m = part.value, high = m > 1.4142135623730951 ? 1.0 : 0.0, s, q;
    e += high;
    m *= 1.0 - 0.5 * high;
    s = (m - 1.0) / (m + 1.0);
    q = s * s;
    return e * 0.6931471805599453 + 2.0 * s * (1.0 + q * (1.0 / 3 + q * (1.0 / 5 + q * (1.0 / 7 + q * (1.0 / 9 + q / 11)))));
}

static inline double normal(double u) {                   /* inverse cumulative normal: u - 1/2 times a ratio in -ln(4u(1-u)) */
    double w = -logarithm(4.0 * u * (1.0 - u));
    double top = 8.168409e-06 + w * (5.377687e-07 + w * 3.490563e-09);
    double below = 1.0048912e-06 + w * (2.0941934e-08 + w * 3.0791636e-11);
    top = 0.024176476316275237 + w * (0.002391579228250256 + w * (0.0001621768277164792 + w * top));
    top = 2.5066282753213853 + w * (0.8417071602614246 + w * (0.1708132060884711 + w * top));
    below = 0.001958656997465182 + w * (0.00031497558719481377 + w * (8.94906856613808e-06 + w * below));
    below = 1.0 + w * (0.07399319450044177 + w * (0.03574116205916024 + w * below));
    return (u - 0.5) * (top / below);
}

static inline double exponential(double x) {
    double k = (x * 1.4426950408889634 + 6755399441055744.0) - 6755399441055744.0, r = x - k * 0.6931471805599453;
    pattern two, scaled;
    scaled.value = x * 1.4426950408889634 + 6755399441055744.0;
    two.bits = (scaled.bits - 0x4338000000000000u + 1023) << 52;
    return (1.0 + r * (1.0 + r * (0.5 + r * (1.0 / 6 + r * (1.0 / 24 + r * (1.0 / 120 + r / 720)))))) * two.value;
}

static double block(uint64_t first) {
    row factor, wiener = {0}, ou = {0}, reserve, trap = {0}, trapping = {0}, equity = {0}, before = {0}, before2 = {0};
    row until[LEASES], alive[LEASES], rent[LEASES], dies[LEASES], balance[CLASSES];
    static const double coupon[CLASSES] = {0.0525, 0.0585, 0.069}, issued[CLASSES] = {2.2e8, 1.1e8, 0.6e8};
    double total = 0.0;
    EACH factor[b] = normal(uniform(first + b, 0));
    for (int l = 0; l < LEASES; l++) EACH {
        double asset = 0.49 * factor[b] + 0.87 * normal(uniform(first + b, 1 + l));
        until[l][b] = 40.0 + 12.0 * l;
        alive[l][b] = 1.0;
        rent[l][b] = 120.0 + 2.0 * l;
        dies[l][b] = asset < -1.3 ? 60.0 + 60.0 * (asset + 1.3) : 1e9;
    }
    for (int k = 0; k < CLASSES; k++) EACH balance[k][b] = issued[k];
    EACH reserve[b] = 1e7;
    for (int i = 0; i < MONTHS; i++) {
        row income = {0}, load = {0}, cash, level;
        EACH {
            level[b] = 128.0 * exponential(0.1 * (0.6 * factor[b] + 0.8 * wiener[b]));
            wiener[b] += 0.2886751345948129 * normal(uniform(first + b, 100 + 2 * i));
            ou[b] = 0.8825 * ou[b] + 0.095 * normal(uniform(first + b, 101 + 2 * i));
        }
        for (int l = 0; l < LEASES; l++) {
            row draw = {0};
            int any = 0;
            EACH any |= until[l][b] == i;
            if (any) EACH draw[b] = uniform(first + b, 1000 + 200 * l + i);
            EACH {
            double ends = until[l][b] == i ? 1.0 : 0.0, fails = dies[l][b] == i ? 1.0 : 0.0;
            double stays = draw[b] < 0.75 + 0.1 * factor[b] ? 1.0 : 0.0;
            double next = ends * (alive[l][b] > 0.0 ? stays : 1.0);
            rent[l][b] = ends > 0.0 ? level[b] : (i % 12 ? rent[l][b] : rent[l][b] * 1.02);
            alive[l][b] = ends > 0.0 ? next : alive[l][b] * (1.0 - fails);
            until[l][b] = ends > 0.0 ? i + (next > 0.0 ? 60.0 : 10.0) : (fails > 0.0 ? i + 18.0 : until[l][b]);
            income[b] += alive[l][b] * rent[l][b] * 7600.0;
            load[b] += alive[l][b] * 4900.0;
            }
        }
        EACH {
            double price = 45.0 * exponential(ou[b] + 0.1 * factor[b]), cost = load[b] * 0.73 * 1.45 * price;
            double net = income[b] * 0.97 - 0.4 * cost - 1.9e6, due = 0.0, short_of, paid, cover, service, below;
            double debt = balance[0][b] + balance[1][b] + balance[2][b];
            service = (balance[0][b] * coupon[0] + balance[1][b] * coupon[1] + balance[2][b] * coupon[2]) / 12.0;
            cover = (net + before[b] + before2[b]) / (3.0 * service + 1.0);
            before2[b] = before[b];
            before[b] = net;
            below = cover < 1.35 ? 1.0 : 0.0;
            cash[b] = net + (1.0 - trapping[b]) * trap[b] - (5000.0 + 2e-5 * debt);
            trap[b] *= trapping[b];
            trapping[b] = debt > 0.0 ? (below > 0.0 ? 1.0 : (cover > 1.4 ? 0.0 : trapping[b])) : 0.0;
            for (int k = 0; k < CLASSES; k++) {
                due = balance[k][b] * coupon[k] / 12.0;
                short_of = due - (due < cash[b] ? due : cash[b]);
                paid = short_of < reserve[b] ? short_of : reserve[b];
                reserve[b] -= paid;
                cash[b] += paid - due;
            }
            paid = 1e7 - reserve[b] < cash[b] ? 1e7 - reserve[b] : cash[b];
            paid = paid > 0.0 ? paid : 0.0;
            reserve[b] += paid;
            cash[b] -= paid;
            paid = (cover < 1.1 ? 1.0 : 0.0) * (cash[b] > 0.0 ? cash[b] : 0.0);
            for (int k = 0; k < CLASSES; k++) {
                double part = paid < balance[k][b] ? paid : balance[k][b];
                balance[k][b] -= part;
                paid -= part;
                cash[b] -= part;
            }
            paid = trapping[b] * (cash[b] > 0.0 ? cash[b] : 0.0);
            trap[b] += paid;
            equity[b] += cash[b] - paid;
        }
    }
    EACH total += equity[b] + balance[2][b];
    return total;
}

double sketch(long paths) {
    double total = 0.0;
    for (long p = 0; p < paths; p += LANES) total += block((uint64_t) p);
    return total;
}
