using System.Security.Cryptography;
using System.Threading.Channels;
using ListBackup.Demo.Crm;

namespace ListBackup.Demo.Webhooks;

/// <summary>Somebody who wants to be called when a record changes. <paramref name="Secret"/> signs the calls.</summary>
internal sealed record WebhookSubscription(string Id, Uri Url, string Secret)
{
    /// <summary>What the last call was answered with; 0: nobody answered; null: there was none.</summary>
    public int? LastStatus { get; set; }
}

/// <summary>A change, without what changed: who wants to know reads the record.</summary>
internal sealed record WebhookEvent(string Id, string Type, RecordKind Kind, long Number, long At);

/// <summary>Who is called, and what they are still to be told. In memory only.</summary>
internal sealed class WebhookSubscriptions(TimeProvider time)
{
    private const int CountMax = 20;
    // A wiped list is thousands of events; what nobody takes in time is lost, as with real platforms.
    private const int WaitingMax = 10_000;

    private readonly Lock _gate = new();
    private readonly List<WebhookSubscription> _all = [];

    public Channel<WebhookEvent> Waiting { get; } = Channel.CreateBounded<WebhookEvent>(new BoundedChannelOptions(WaitingMax) { FullMode = BoundedChannelFullMode.DropOldest, SingleReader = true });

    public IReadOnlyList<WebhookSubscription> All
    {
        get
        {
            lock (_gate) return [.. _all];
        }
    }

    public WebhookSubscription Add(Uri url)
    {
        var made = new WebhookSubscription($"hook_{RandomNumberGenerator.GetHexString(12, lowercase: true)}", url, $"whsec_{RandomNumberGenerator.GetHexString(32, lowercase: true)}");
        lock (_gate)
        {
            if (_all.Count >= CountMax) throw new ApiProblem(409, "too_many_webhooks", $"There are {CountMax} webhooks already.");
            _all.Add(made);
        }

        return made;
    }

    public bool Remove(string id)
    {
        lock (_gate) return _all.RemoveAll(known => known.Id == id) > 0;
    }

    /// <param name="kind">Of the record.</param>
    /// <param name="number">Of the record.</param>
    /// <param name="what">created, updated or deleted.</param>
    public void Tell(RecordKind kind, long number, string what)
    {
        if (All.Count == 0) return;
        Waiting.Writer.TryWrite(new($"evt_{RandomNumberGenerator.GetHexString(16, lowercase: true)}", $"{RecordKinds.Object(kind)}.{what}", kind, number, time.GetUtcNow().ToUnixTimeSeconds()));
    }
}
