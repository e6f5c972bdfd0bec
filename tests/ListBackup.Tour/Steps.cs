using System.Diagnostics;

namespace ListBackup.Tour;

/// <summary>Prints each step with what it measured; a step that is wrong ends the tour.</summary>
internal sealed class Steps(TextWriter output)
{
    private readonly Stopwatch _tour = Stopwatch.StartNew();

    public int Count { get; private set; }

    public TimeSpan Elapsed => _tour.Elapsed;

    public async Task<T> RunAsync<T>(string name, Func<Task<T>> step, Func<T, string> measured)
    {
        var watch = Stopwatch.StartNew();
        output.Write($"{++Count,2}. {name}");
        var result = await step();
        output.WriteLine($"  [{watch.ElapsedMilliseconds} ms]\n      {measured(result)}");
        return result;
    }

    public void Check(bool holds, string otherwise)
    {
        if (!holds) throw new WrongException(otherwise);
    }

    public void Equal<T>(T expected, T found, string what) =>
        Check(EqualityComparer<T>.Default.Equals(expected, found), $"{what}: expected {expected}, found {found}.");
}

internal sealed class WrongException(string message) : Exception(message);
