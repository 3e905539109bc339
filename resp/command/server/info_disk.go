package server

import (
	"time"

	"kvd/internal/rediserr"
	"kvd/resp/command"
)

func infoPersistence(i *info) {
	d := i.c.Services.Disk
	s := d.Status()
	saves := seconds(s.LastDuration, s.Checkpoints > 0 || s.LastDuration > 0)
	i.flag("loading", s.Loading)
	i.zeros("async_loading", "current_cow_peak", "current_cow_size", "current_cow_size_age")
	i.str("current_fork_perc", "0.00")
	i.zeros("current_save_keys_processed", "current_save_keys_total")
	i.num("rdb_changes_since_last_save", s.ChangesSinceSave)
	i.flag("rdb_bgsave_in_progress", s.Saving)
	i.num("rdb_last_save_time", s.LastSave.Unix())
	i.str("rdb_last_bgsave_status", status(!s.LastSaveFailed))
	i.num("rdb_last_bgsave_time_sec", saves)
	i.num("rdb_current_bgsave_time_sec", -1)
	i.num("rdb_saves", s.Checkpoints)
	i.zeros("rdb_last_cow_size", "rdb_last_load_keys_expired")
	i.num("rdb_last_load_keys_loaded", s.LoadedKeys)
	i.flag("aof_enabled", d.Persistent())
	i.zeros("aof_rewrite_in_progress", "aof_rewrite_scheduled")
	i.num("aof_last_rewrite_time_sec", saves)
	i.num("aof_current_rewrite_time_sec", -1)
	i.str("aof_last_bgrewrite_status", status(!s.LastSaveFailed))
	i.num("aof_rewrites", s.Checkpoints)
	i.zeros("aof_rewrites_consecutive_failures")
	i.str("aof_last_write_status", status(s.WriteError == ""))
	i.zeros("aof_last_cow_size", "module_fork_in_progress", "module_fork_last_cow_size")
	if !d.Persistent() {
		return
	}
	i.num("aof_current_size", s.JournalBytes)
	i.num("aof_base_size", s.FileBytes)
	i.zeros("aof_pending_rewrite")
	i.num("aof_buffer_length", 0) // what waits is written at the end of each round
	i.zeros("aof_pending_bio_fsync", "aof_delayed_fsync")
	i.journal(&s)
}

// journal writes what only kvd has: its journal in front of its file.
func (i *info) journal(s *command.DiskStatus) {
	d := i.c.Services.Disk
	i.str("kvd_fsync_policy", string(i.c.Config().AppendFsync))
	i.num("kvd_journal_bytes", s.JournalBytes)
	i.num("kvd_journal_segments", int64(s.JournalSegments))
	i.num("kvd_journal_syncs", s.Syncs)
	i.num("kvd_file_bytes", s.FileBytes)
	i.num("kvd_last_sequence", int64(s.LastSeq))
	i.num("kvd_written_sequence", int64(d.Written()))
	i.num("kvd_synced_sequence", int64(d.Synced()))
	i.num("kvd_folded_sequence", int64(s.FoldedSeq))
	i.num("kvd_load_milliseconds", s.LoadDuration.Milliseconds())
	if s.WriteError != "" {
		i.str("kvd_write_error", rediserr.OneLine(s.WriteError))
	}
}

// seconds is a duration in whole seconds, and -1 if there was none.
func seconds(d time.Duration, known bool) int64 {
	if !known {
		return -1
	}
	return int64(d / time.Second)
}

func status(ok bool) string {
	if ok {
		return "ok"
	}
	return "err"
}
