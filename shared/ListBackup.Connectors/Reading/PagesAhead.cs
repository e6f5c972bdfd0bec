using ListBackup.Connectors.Requests;

namespace ListBackup.Connectors.Reading;

/// <summary>
/// Answers that are asked for before it is their turn, found again by what they are asked for. What a read hands on does not depend on them: whoever needs
/// an answer that is not here asks for it, and one that nobody takes is thrown away. Each counts its own requests, which are added when it is taken, so that
/// evidence is the same as without.
/// </summary>
/// <param name="atOnce">Most requests that may be under way at the same time. The next page is asked for while one is worked on even where it is one.</param>
internal sealed class PagesAhead(Session session, int atOnce) : IAsyncDisposable
{
    /// <summary>What waited longer is asked for anew: tokens in it may have ended, and it may be old news.</summary>
    private static readonly TimeSpan AgeMax = TimeSpan.FromMinutes(1);

    private readonly Dictionary<string, AnswerAhead> _answers = new(StringComparer.Ordinal);
    private readonly List<Task> _dropped = [];

    /// <summary>How many more may be asked for besides the page that is read.</summary>
    public int Room => IsStopped ? 0 : Math.Max(0, Math.Min(atOnce, session.Pace.AtOnceMax) - 1 - _answers.Count);

    public int AtOnce => atOnce;

    /// <summary>Nothing is asked for before its turn any more.</summary>
    public bool IsStopped { get; private set; }

    /// <summary>Asks, when there is room and nobody has asked yet.</summary>
    /// <param name="isNext">It is the very next that will be needed, and nothing is under way.</param>
    public void Start(string key, bool isNext, Func<Session, CancellationToken, Task<HttpAnswer>> send, CancellationToken cancellation)
    {
        if (IsStopped || _answers.ContainsKey(key) || (Room == 0 && !(isNext && _answers.Count == 0)))
            return;

        var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var aside = session.Aside(session.Page + _answers.Count + 1);
        _answers.Add(key, new AnswerAhead(send(aside, stop.Token), aside, stop, session.Ports.Clock.GetUtcNow()));
    }

    /// <summary>The answer that was asked for under this key, which is the caller's from here on; null when nobody did.</summary>
    public AnswerAhead? Take(string key)
    {
        if (!_answers.Remove(key, out var answer))
            return null;
        if (session.Ports.Clock.GetUtcNow() - answer.Began <= AgeMax)
            return answer;
        Drop(answer);

        return null;
    }

    /// <summary>Throws away what nobody needs any more.</summary>
    public void Drop(IEnumerable<string> keys)
    {
        foreach (var key in keys)
        {
            if (_answers.Remove(key, out var answer))
                Drop(answer);
        }
    }

    /// <summary>Asks for nothing more ahead of its turn, and returns when nothing that was asked for is under way or held.</summary>
    public async ValueTask StopAsync()
    {
        IsStopped = true;
        await DisposeAsync();
    }

    /// <summary>Returns when nothing that was asked for is under way or held.</summary>
    public async ValueTask DisposeAsync()
    {
        Drop([.. _answers.Keys]);
        await Task.WhenAll(_dropped);
    }

    private void Drop(AnswerAhead answer)
    {
        session.Evidence = session.Evidence with { RequestsInVain = session.Evidence.RequestsInVain + 1 };
        _dropped.RemoveAll(task => task.IsCompleted);
        _dropped.Add(answer.DropAsync());
    }
}

/// <summary>An answer that was asked for ahead.</summary>
/// <param name="aside">What its requests are counted in.</param>
internal sealed class AnswerAhead(Task<HttpAnswer> answer, Session aside, CancellationTokenSource stop, DateTimeOffset began)
{
    public DateTimeOffset Began => began;

    /// <summary>The answer, or what the requests for it came to, as if they were sent now.</summary>
    public async Task<HttpAnswer> AnswerAsync(Session session)
    {
        try
        {
            return await answer;
        }
        catch (PlatformException exception)
        {
            exception.Place(session.Page, session.Evidence.With(aside.Evidence));
            throw;
        }
        finally
        {
            session.Evidence = session.Evidence.With(aside.Evidence);
            stop.Dispose();
        }
    }

    public async Task DropAsync()
    {
        try
        {
            await stop.CancelAsync();
            (await answer).Dispose();
        }
        catch (Exception)
        {
            // Whatever it came to: the read does not need it, so it is not the read's failure.
        }
        finally
        {
            stop.Dispose();
        }
    }
}
