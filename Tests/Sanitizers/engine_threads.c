// SPDX-License-Identifier: Apache-2.0
// A whole engine on four threads: a producer of ticks, one of holdings, the engine, a reader. Views are whole and add
// up, prices come in order, two positions set at once are seen at once, also where another engine takes over, and the
// engine thread allocates nothing.
#include <math.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include "CEngine.h"

enum { INSTRUMENTS = 7, ACCOUNTS = 3, POSITIONS = 12, SCENARIOS = 61, STRESSES = 3, BATCHES = 4000, BATCH = 5 };
enum { ENGINES = 8 };

// Part of both sanitizer runtimes.
int __sanitizer_install_malloc_and_free_hooks(
    void (*malloc_hook)(const volatile void *, size_t), void (*free_hook)(const volatile void *));

static _Thread_local bool counts_allocations;
static _Atomic size_t allocations;
static _Atomic bool produced, held_all, cut_all;
static tr_ring *ring;
/// Each adopts the one before; the last stays.
static tr_engine *engines[ENGINES];
/// How many engines have taken over, and how many the reader lets be replaced.
static _Atomic size_t running;
static _Atomic size_t replaceable = 1;

static void on_malloc(const volatile void *memory, size_t bytes) {
    (void)memory, (void)bytes;
    if (counts_allocations) atomic_fetch_add(&allocations, 1);
}

static void on_free(const volatile void *memory) { (void)memory; }

static void check(bool holds, const char *what) {
    if (holds) return;
    fprintf(stderr, "engine_threads: %s\n", what);
    abort();
}

// Rows: every instrument in its own currency, then instrument 3 through a pair nobody quotes, and the option 6 through
// the pair whose price instrument 2 is.
enum { ROWS = INSTRUMENTS + 2, OPTION = 6, PAIR = 2 };

static tr_rows_spec rows_spec(void) {
    static double returns[ROWS * SCENARIOS], shocks[ROWS * STRESSES], absolute[2 * STRESSES];
    static uint32_t instrument[ROWS], pair[ROWS], option[ROWS], unit[ROWS];
    static uint8_t has_history[ROWS];
    for (uint32_t row = 0; row < ROWS; row++) {
        instrument[row] = row < INSTRUMENTS ? row : row == INSTRUMENTS ? 3 : OPTION;
        pair[row] = row < INSTRUMENTS ? 0 : row == INSTRUMENTS ? 1 : 2;
        bool is_option = instrument[row] == OPTION;
        option[row] = is_option ? 0 : TR_NONE;
        unit[row] = row == OPTION ? 0 : is_option ? 1 : TR_NONE;
        has_history[row] = row != 5;
        for (size_t t = 0; t < SCENARIOS; t++) {
            double change = ((double)((row * 37 + t * 11) % 41) - 20) / 1000;
            returns[row * SCENARIOS + t] = is_option ? (row == OPTION ? 0 : change / 2) : change;
        }
        for (size_t s = 0; s < STRESSES; s++) shocks[row * STRESSES + s] = is_option ? 0 : -0.05 * (double)(s + 1);
    }
    return (tr_rows_spec){
        .rows = ROWS, .units = 2, .instrument = instrument, .pair = pair, .option = option, .unit = unit,
        .has_history = has_history, .returns = returns, .shocks = shocks, .absolute = absolute};
}

static tr_options_spec options_spec(void) {
    static const uint32_t instrument[1] = {OPTION}, underlying[1] = {1}, underlying_row[1] = {1};
    static const tr_option_terms terms[1] = {{.strike = 900, .is_american = 1, .is_put = 1, .rate = 0.03}};
    static const double volatility[1] = {0.3}, relative[STRESSES] = {-0.1, 0.1, 0}, absolute[STRESSES] = {0, 0, -5};
    static const double shift[STRESSES] = {0.1, 0, 0};
    static const uint8_t is_direct[STRESSES] = {0, 0, 1};
    static const uint64_t expiry_ns[1] = {UINT64_C(86400000000000) * 300};
    return (tr_options_spec){
        .options = 1, .instrument = instrument, .underlying = underlying, .underlying_row = underlying_row,
        .terms = terms, .volatility = volatility, .expiry_ns = expiry_ns, .spot_relative = relative,
        .spot_absolute = absolute, .volatility_shift = shift, .is_direct = is_direct};
}

static tr_engine *build(void) {
    static double prior_close[INSTRUMENTS];
    static tr_holding holding[POSITIONS];
    static double multiplier[POSITIONS], margin_rate[POSITIONS];
    static uint32_t row[POSITIONS], sector[POSITIONS], underlying[POSITIONS];
    static const double scale[3] = {1, NAN, 0.01};
    static const uint32_t first_leg[4] = {0, 0, 0, 1}, leg_instrument[1] = {PAIR};
    static const uint8_t leg_inverted[1] = {1};
    static const uint32_t first_position[ACCOUNTS + 1] = {0, 5, 12, 12}, first_sector[ACCOUNTS + 1] = {0, 2, 4, 4};
    static const uint32_t firm_sector[4] = {0, 1, 0, 1}, confidence[3] = {9500, 9750, 9900};
    static const uint32_t first_underlying[ACCOUNTS + 1] = {0, 0, 1, 1}, firm_underlying[1] = {0};
    static const uint32_t first_dependency[ACCOUNTS + 2] = {0, 5, 12, 12, 12};
    static const uint32_t dependency[12] = {0, 1, 2, 3, 4, 0, 1, 2, 3, 4, 5, 6};
    static const uint32_t firm_pair[ACCOUNTS] = {0, 0, 1};
    static const tr_money money[ACCOUNTS] = {{.cash = 1}, {.cash = 2}, {.cash = 3}};
    static const double limit[ACCOUNTS] = {1e6, 0, NAN};
    for (size_t i = 0; i < INSTRUMENTS; i++) prior_close[i] = i == 6 ? NAN : 100;
    for (uint32_t p = 0; p < POSITIONS; p++) {
        row[p] = p == 3 ? INSTRUMENTS : p == 6 ? INSTRUMENTS + 1 : p == 11 ? OPTION : p % OPTION;
        sector[p] = p % 2, underlying[p] = p == 6 || p == 11 || p == 7 ? 0 : TR_NONE;
        double quantity = p == 4 ? 0 : (double)p - 5.5;
        holding[p] = (tr_holding){.quantity = quantity, .average_cost = 99, .overnight = quantity};
        multiplier[p] = 1, margin_rate[p] = 0.25;
    }
    tr_ring *rings[1] = {ring};
    tr_engine_spec spec = {
        .tier = tr_tier_detect(), .instruments = INSTRUMENTS, .accounts = ACCOUNTS, .positions = POSITIONS,
        .scenarios = SCENARIOS, .stresses = STRESSES, .levels = 3, .rings = 1, .shards = 1, .firm_sectors = 2,
        .firm_underlyings = 1, .cut_interval_ns = 100, .stale_after_ns = 1000000,
        .quantile = TR_QUANTILE_DISCRETE, .horizon_scale = 1, .confidence_bp = confidence,
        .rates = {.pairs = 3, .scale = scale, .first_leg = first_leg, .leg_instrument = leg_instrument,
                  .leg_inverted = leg_inverted},
        .rows = rows_spec(), .options = options_spec(), .prior_close = prior_close,
        .first_position = first_position, .money = money, .margin_limit = limit, .firm_pair = firm_pair,
        .first_sector = first_sector, .firm_sector = firm_sector, .first_underlying = first_underlying,
        .firm_underlying = firm_underlying, .first_dependency = first_dependency, .dependency = dependency,
        .position_row = row, .position_sector = sector, .position_underlying = underlying, .holding = holding,
        .multiplier = multiplier, .margin_rate = margin_rate, .ring = rings,
    };
    return tr_engine_create(&spec);
}

static void *produce(void *unused) {
    (void)unused;
    for (uint64_t number = 1; number <= BATCHES; number++) {
        tr_run run;
        while (!tr_ring_claim(ring, BATCH + 1, &run)) sched_yield();
        for (size_t i = 0; i <= BATCH; i++) {
            tr_record *slot = i < run.first_count ? &run.first[i] : &run.second[i - run.first_count];
            if (i == 0) {
                *(tr_batch *)slot = (tr_batch){.kind = TR_RECORD_BATCH, .oldest_ns = number, .newest_ns = number};
            } else {
                // One instrument is beyond the engine's: it must be ignored, not written through.
                uint32_t instrument = (uint32_t)((number * BATCH + i) % (INSTRUMENTS + 1));
                *(tr_tick *)slot = (tr_tick){
                    .instrument = instrument, .fields = TR_FIELD_LAST, .kind = TR_RECORD_TICK, .last = (double)number};
            }
        }
        tr_ring_commit(ring, BATCH + 1);
        if (number % 512 == 0) {
            while (!tr_ring_claim(ring, 1, &run)) sched_yield();
            *(tr_batch *)run.first = (tr_batch){.kind = TR_RECORD_GAP};
            tr_ring_commit(ring, 1);
        }
    }
    atomic_store(&produced, true);
    return NULL;
}

enum { MOVES = 3000 };

/// What position p holds after a move; the money says which move it was.
static double held_after(uint64_t move, uint32_t p) { return p == 1 ? (double)move : -(double)move; }

/// Moves from position 1 to position 2 of the first account and says in its cash how often. An engine that takes over
/// is told the newest; what the one before it did not drain is lost.
static void *hold(void *unused) {
    (void)unused;
    size_t told = 0;
    for (uint64_t move = 1; move <= MOVES; move++) {
        tr_command commands[3] = {{0}};
        for (uint32_t p = 1; p <= 2; p++) {
            double quantity = held_after(move, p);
            commands[p - 1] = (tr_command){
                .kind = TR_COMMAND_HOLDING, .index = p,
                .holding = {.quantity = quantity, .average_cost = 99, .overnight = 1, .traded_quantity = quantity - 1}};
        }
        commands[2] = (tr_command){.kind = TR_COMMAND_MONEY, .index = 0, .money = {.cash = (double)move}};
        do {
            told = atomic_load(&running);
            while (!tr_engine_push(engines[told], commands, 3) && told == atomic_load(&running)) sched_yield();
            // The last move is said to the last engine.
        } while (told != atomic_load(&running) || (move == MOVES && told != ENGINES - 1));
        if (move % (MOVES / ENGINES) == 0) atomic_store(&replaceable, move / (MOVES / ENGINES) + 1);
    }
    atomic_store(&held_all, true);
    return NULL;
}

static void *run_engine(void *unused) {
    (void)unused;
    counts_allocations = true;
    uint64_t now = 1;
    size_t current = 0;
    for (;;) {
        size_t next = current + 1;
        if (next < ENGINES && next < atomic_load(&replaceable)) {
            tr_engine_adopt(engines[next], engines[current], true);
            current = next;
            atomic_store(&running, current);
        }
        tr_engine *engine = engines[current];
        bool last = atomic_load(&produced) && atomic_load(&held_all) && current == ENGINES - 1 &&
                    !tr_engine_has_input(engine);
        tr_engine_drain(engine, now, 16);
        now += 40;
        tr_engine_cut(engine, NULL, now, now + 1000000);
        if (!last) continue;
        tr_engine_cut(engine, NULL, now + 200, now + 1000200);
        break;
    }
    atomic_store(&cut_all, true);
    return NULL;
}

static void check_account(const tr_view *view, const tr_view_layout *layout) {
    const double *market_value = view->cells + layout->rows + TR_POSITION_MARKET_VALUE * layout->row_count;
    double sum = 0;
    for (size_t i = 0; i < layout->row_count; i++) sum += isnan(market_value[i]) ? 0 : market_value[i];
    double total = view->cells[layout->totals + TR_TOTAL_MARKET_VALUE];
    check(isnan(total) || fabs(total - sum) < 1e-6, "a view's total is not the sum of its rows: torn");
}

/// Positions and money of one batch of commands come together.
static void check_moves(const tr_view *view, const tr_view_layout *layout, double *newest) {
    const double *quantity = view->cells + layout->rows + TR_POSITION_QUANTITY * layout->row_count;
    double move = view->cells[layout->totals + TR_TOTAL_CASH];
    if (quantity[1] == 1 - 5.5) return;  // as it was built
    check(quantity[1] == move && quantity[2] == -move, "half of a batch of commands was cut");
    check(move >= *newest, "holdings went back");
    *newest = move;
}

static void read_engine(tr_engine *engine, uint64_t *cut_ns, double *newest_price, double *newest_move) {
    for (size_t a = 0; a < ACCOUNTS; a++) {
        const tr_view *view = tr_exchange_take(tr_engine_account_exchange(engine, a));
        if (view == NULL) continue;
        check(view->cut_ns >= cut_ns[a] + 100 || cut_ns[a] == 0, "cuts are closer than their interval");
        cut_ns[a] = view->cut_ns;
        check_account(view, tr_engine_account_layout(engine, a));
        if (a == 0) check_moves(view, tr_engine_account_layout(engine, a), newest_move);
    }
    tr_exchange_take(tr_engine_firm_exchange(engine));
    const tr_view *market = tr_exchange_take(tr_engine_market_exchange(engine));
    if (market == NULL) return;
    const tr_view_layout *layout = tr_engine_market_layout(engine);
    double price = market->cells[layout->rows + TR_QUOTE_LAST * layout->row_count];
    check(isnan(price) || price >= *newest_price, "a price went back");
    if (!isnan(price)) *newest_price = price;
}

static void *read_views(void *unused) {
    (void)unused;
    uint64_t cut_ns[ACCOUNTS] = {0};
    double newest_price = 0, newest_move = 0;
    size_t current = 0;
    for (bool last = false;; last = atomic_load(&cut_all)) {
        // What an engine published before another took over is read first.
        size_t now = atomic_load(&running);
        for (; current < now; current++) read_engine(engines[current], cut_ns, &newest_price, &newest_move);
        read_engine(engines[current], cut_ns, &newest_price, &newest_move);
        if (last) break;
    }
    check(newest_price > BATCHES - INSTRUMENTS, "the newest price did not arrive");
    check(newest_move == (double)MOVES, "the newest holdings did not arrive");
    return NULL;
}

int main(void) {
    ring = tr_ring_create(64);
    for (size_t i = 0; i < ENGINES; i++) {
        engines[i] = build();
        check(ring != NULL && engines[i] != NULL, "no engine");
    }
    check(__sanitizer_install_malloc_and_free_hooks(on_malloc, on_free) > 0, "no allocation hooks");
    pthread_t threads[4];
    void *(*bodies[4])(void *) = {produce, hold, run_engine, read_views};
    for (int i = 0; i < 4; i++) check(pthread_create(&threads[i], NULL, bodies[i], NULL) == 0, "no thread");
    for (int i = 0; i < 4; i++) pthread_join(threads[i], NULL);
    check(atomic_load(&allocations) == 0, "the engine thread allocated");
    for (size_t i = 0; i < ENGINES; i++) tr_engine_destroy(engines[i]);
    tr_ring_destroy(ring);
    return 0;
}
