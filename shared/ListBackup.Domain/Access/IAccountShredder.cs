namespace ListBackup.Domain;

/// <summary>
/// Deletes what a service keeps of an account whose days of grace are over. Each service registers its own; all have run before the account's keys and
/// items are deleted. Safe to repeat: after a crash all are called again.
/// </summary>
public interface IAccountShredder
{
    Task ShredAsync(AccountId account, CancellationToken cancellation);
}

/// <summary>Measures a part of an account's usage, now. Each service registers its own. What it cannot measure it leaves out; it never guesses.</summary>
public interface IAccountMeter
{
    Task<IReadOnlyList<UsageMeasure>> MeasureAsync(AccountId account, CancellationToken cancellation);
}

/// <summary>One measured number, such as <c>storedBytes</c> in <c>bytes</c>.</summary>
public sealed record UsageMeasure(string Name, decimal Value, string Unit);
