namespace ListBackup.Connectors.Cursors;

/// <summary>The time at which a read began. Its intervals are computed at this time, however often and late it is resumed, so it ends where it was going to end.</summary>
internal sealed class FrozenClock(DateTimeOffset at) : TimeProvider
{
    public override DateTimeOffset GetUtcNow() => at;
}
