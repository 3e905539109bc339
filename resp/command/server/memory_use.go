package server

import (
	"runtime"
	"runtime/metrics"
	"strconv"

	"kvd/engine"
	"kvd/resp/command"
)

// memoryUse is where memory goes, in bytes.
//
// used is what the keys take, the number that maxmemory is compared with. The
// rest of the process, the Go heap with its buffers and its garbage, is shown
// apart, as the allocator's.
type memoryUse struct {
	used, peak int64
	// overhead is the part of used that is not keys and values.
	overhead int64
	keys     engine.Usage
	// heap is the objects on the Go heap, taken what the runtime has from the
	// system.
	heap, taken int64
	resident    int64
	clients     int64
}

// measure looks at everything once. survey may be nil.
func measure(c *command.Ctx, survey *engine.Survey) memoryUse {
	if survey == nil {
		s := c.Tx.Survey()
		survey = &s
	}
	u := memoryUse{
		keys:     survey.Usage,
		used:     survey.Usage.Used,
		resident: residentMemory(),
		clients:  c.Services.Clients.Totals().Memory,
	}
	u.overhead = max(0, u.used-u.keys.Cells-u.keys.Large)
	u.peak = max(u.used, c.Services.Stats.PeakMemory.Load())

	samples := []metrics.Sample{
		{Name: "/memory/classes/heap/objects:bytes"},
		{Name: "/memory/classes/total:bytes"},
		{Name: "/memory/classes/heap/released:bytes"},
	}
	metrics.Read(samples)
	u.heap = int64(samples[0].Value.Uint64())
	u.taken = int64(samples[1].Value.Uint64() - samples[2].Value.Uint64())
	return u
}

// allocated is what all allocators have given out. Large values and queues are
// on the Go heap and in used.
func (u *memoryUse) allocated() int64 { return u.used - u.keys.Large - u.keys.Queue + u.heap }

// held is what all allocators have from the system.
func (u *memoryUse) held() int64 { return u.keys.Runs + u.keys.Index + u.taken }

func (u *memoryUse) dataset() int64 { return u.used - u.overhead }

func infoMemory(i *info) {
	u := measure(i.c, i.engine())
	cfg := i.c.Config()
	i.size("used_memory", u.used)
	i.size("used_memory_rss", u.resident)
	i.size("used_memory_peak", u.peak)
	i.share("used_memory_peak_perc", u.used, u.peak)
	i.num("used_memory_overhead", u.overhead)
	i.zeros("used_memory_startup")
	i.num("used_memory_dataset", u.dataset())
	i.share("used_memory_dataset_perc", u.dataset(), u.used)
	i.num("allocator_allocated", u.allocated())
	i.num("allocator_active", u.held())
	i.num("allocator_resident", u.held())
	i.size("total_system_memory", systemMemory())
	i.zeros("used_memory_lua", "used_memory_vm_eval")
	i.str("used_memory_lua_human", human(0))
	libraries, functions := i.c.Services.Scripts.Count()
	i.zeros("used_memory_scripts_eval")
	i.num("number_of_cached_scripts", int64(i.c.Services.Scripts.Len()))
	i.num("number_of_functions", int64(functions))
	i.num("number_of_libraries", int64(libraries))
	i.zeros("used_memory_vm_functions")
	i.size("used_memory_vm_total", 0)
	i.zeros("used_memory_functions")
	i.size("used_memory_scripts", 0)
	i.size("maxmemory", cfg.MaxMemory)
	i.str("maxmemory_policy", string(cfg.MaxMemoryPolicy))
	i.float("allocator_frag_ratio", ratio(u.held(), u.allocated()), 2)
	i.num("allocator_frag_bytes", u.held()-u.allocated())
	i.str("allocator_rss_ratio", "1.00")
	i.zeros("allocator_rss_bytes")
	i.float("rss_overhead_ratio", ratio(u.resident, u.held()), 2)
	i.num("rss_overhead_bytes", u.resident-u.held())
	i.float("mem_fragmentation_ratio", ratio(u.resident, u.used), 2)
	i.num("mem_fragmentation_bytes", u.resident-u.used)
	i.zeros("mem_not_counted_for_evict", "mem_replication_backlog", "mem_total_replication_buffers", "mem_clients_slaves")
	i.num("mem_clients_normal", u.clients)
	i.zeros("mem_cluster_links")
	i.num("mem_aof_buffer", 0)
	i.str("mem_allocator", allocatorName())
	i.zeros("active_defrag_running", "lazyfree_pending_objects", "lazyfreed_objects")
	i.num("kvd_go_heap_bytes", u.heap)
	i.num("kvd_slab_bytes", u.keys.Runs)
	i.num("kvd_index_bytes", u.keys.Index)
	i.num("kvd_large_value_bytes", u.keys.Large)
}

// share writes a percentage.
func (i *info) share(name string, part, whole int64) {
	i.str(name, strconv.FormatFloat(percent(part, whole), 'f', 2, 64)+"%")
}

func allocatorName() string { return "slab+" + runtime.Version() }

// memoryStats implements MEMORY STATS.
func memoryStats(c *command.Ctx) error {
	survey := c.Tx.Survey()
	u := measure(c, &survey)
	var f fields
	num := func(name string, n int64) { f.add(name, func() { c.Out.Int(n) }) }
	double := func(name string, n float64) { f.add(name, func() { c.Out.Double(n) }) }
	num("peak.allocated", u.peak)
	num("total.allocated", u.used)
	for _, name := range []string{"startup.allocated", "replication.backlog", "clients.slaves"} {
		num(name, 0)
	}
	num("clients.normal", u.clients)
	for _, name := range []string{"cluster.links", "aof.buffer", "lua.caches", "functions.caches"} {
		num(name, 0)
	}
	keys := addDatabases(&f, c, &survey)
	num("overhead.total", u.overhead)
	num("keys.count", keys)
	num("keys.bytes-per-key", int64(ratio(u.used, keys)))
	num("dataset.bytes", u.dataset())
	double("dataset.percentage", percent(u.dataset(), u.used))
	double("peak.percentage", percent(u.used, u.peak))
	num("allocator.allocated", u.allocated())
	num("allocator.active", u.held())
	num("allocator.resident", u.held())
	double("allocator-fragmentation.ratio", ratio(u.held(), u.allocated()))
	num("allocator-fragmentation.bytes", u.held()-u.allocated())
	double("allocator-rss.ratio", 1)
	num("allocator-rss.bytes", 0)
	double("rss-overhead.ratio", ratio(u.resident, u.held()))
	num("rss-overhead.bytes", u.resident-u.held())
	double("fragmentation", ratio(u.resident, u.used))
	num("fragmentation.bytes", u.resident-u.used)
	f.write(c.Out)
	return nil
}

// addDatabases adds the databases that have keys, and returns how many keys
// there are. The index is one for all databases of a shard: its memory is in
// overhead.total.
func addDatabases(f *fields, c *command.Ctx, survey *engine.Survey) (keys int64) {
	for db, k := range survey.Databases {
		if k.Keys == 0 {
			continue
		}
		keys += int64(k.Keys)
		f.add("db."+strconv.Itoa(db), func() {
			c.Out.Map(3)
			for _, name := range [...]string{
				"overhead.hashtable.main", "overhead.hashtable.expires", "overhead.hashtable.slot-to-keys",
			} {
				c.Out.Text(name)
				c.Out.Int(0)
			}
		})
	}
	return keys
}
