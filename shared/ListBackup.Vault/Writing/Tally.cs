namespace ListBackup.Vault.Writing;

/// <summary>Counts while they grow.</summary>
internal sealed class Tally
{
    private long _added, _changed, _unchanged, _repeated, _superseded, _refused, _erased, _bytes;

    public Tally() { }

    public Tally(StreamCounts counts)
    {
        (Arrived, _added, _changed, Deleted) = (counts.Arrived, counts.Added, counts.Changed, counts.Deleted);
        (_unchanged, _repeated, _superseded, _refused, _bytes) = (counts.Unchanged, counts.Repeated, counts.Superseded, counts.Refused, counts.BytesArrived);
        _erased = counts.Erased;
    }

    public long Arrived { get; private set; }

    public long Deleted { get; set; }

    public void Count(RecordOutcome outcome, int bytes)
    {
        Arrived++;
        _bytes += bytes;
        switch (outcome.Effect)
        {
            case RecordEffect.Added: _added++; break;
            case RecordEffect.Changed: _changed++; break;
            case RecordEffect.Unchanged: _unchanged++; break;
            case RecordEffect.Repeated: _repeated++; break;
            case RecordEffect.Superseded: _superseded++; break;
            case RecordEffect.Erased: _erased++; break;
            default: _refused++; break;
        }
    }

    public StreamCounts ToCounts() => new()
    {
        Arrived = Arrived,
        Added = _added,
        Changed = _changed,
        Deleted = Deleted,
        Unchanged = _unchanged,
        Repeated = _repeated,
        Superseded = _superseded,
        Refused = _refused,
        Erased = _erased,
        BytesArrived = _bytes,
    };
}
