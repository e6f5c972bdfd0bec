using System.Text.Json;
using ListBackup.Domain;
using ListBackup.Functions;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace ListBackup.Sources;

/// <summary>A message of the account that failed each time it was delivered. What it was about, never what it holds.</summary>
/// <param name="Id">Its number in its queue.</param>
/// <param name="Queue">plan, sync, commit, restore, export, maintenance or notify.</param>
/// <param name="SourceId">The source that it was about.</param>
/// <param name="RunId">The run.</param>
/// <param name="JobId">The restore, export or verification.</param>
/// <param name="Receives">How often it was delivered.</param>
/// <param name="SentAt">When it was sent.</param>
/// <param name="DiedAt">When it was given up.</param>
/// <param name="Reason">The kind of the last failure; the log has the rest.</param>
public sealed record DeadLetterView(string Id, string Queue, string? SourceId, string? RunId, string? JobId, int Receives, DateTimeOffset SentAt, DateTimeOffset DiedAt, string Reason);

/// <summary>The dead letters of an account: seen, sent again or forgotten. Other accounts' are not there.</summary>
public sealed class DeadLetters(IDeadLetters letters, ActivityLog activities)
{
    private const int PageSize = 100;

    /// <summary>Of letters that are other accounts', no more pages are turned for one answer; it then has fewer and a cursor.</summary>
    private const int PagesMax = 20;

    public async Task<Ok<Page<DeadLetterView>>> ListAsync(HttpContext http, string queue, int? limit, string? cursor, CancellationToken cancellation)
    {
        var (account, name, max) = (http.GetAccess().Account.Id, QueueOf(queue), Paging.Limit(limit));
        var found = new List<DeadLetterView>();
        for (var pages = 0; pages < PagesMax; pages++)
        {
            var page = await letters.ListAsync(name, cursor, PageSize, cancellation);
            foreach (var letter in page.Letters.Where(l => Subject.Of(l).IsOf(account)))
            {
                found.Add(View(letter));
                if (found.Count == max) return TypedResults.Ok(new Page<DeadLetterView>(found, letter.Id == page.Letters[^1].Id ? page.Next : letter.Id));
            }
            cursor = page.Next;
            if (cursor is null) break;
        }
        return TypedResults.Ok(new Page<DeadLetterView>(found, cursor));
    }

    /// <summary>Puts it back into its queue. Handlers look at the state, so what was done meanwhile is not done again.</summary>
    public async Task<NoContent> ReplayAsync(HttpContext http, string queue, string id, CancellationToken cancellation)
    {
        var letter = await FindAsync(http, queue, id, cancellation);
        if (!await letters.ReplayAsync(letter.Queue, letter.Id, cancellation)) throw NotFound();
        return await NoteAsync(http, "dead-letter.replayed", letter, cancellation);
    }

    public async Task<NoContent> DiscardAsync(HttpContext http, string queue, string id, CancellationToken cancellation)
    {
        var letter = await FindAsync(http, queue, id, cancellation);
        if (!await letters.DeleteAsync(letter.Queue, letter.Id, cancellation)) throw NotFound();
        return await NoteAsync(http, "dead-letter.discarded", letter, cancellation);
    }

    /// <summary>The port lists what comes after an id, so the letter itself is the first after the number before it.</summary>
    private async Task<DeadLetter> FindAsync(HttpContext http, string queue, string id, CancellationToken cancellation)
    {
        if (!long.TryParse(id, out var number) || number < 1) throw NotFound();
        var page = await letters.ListAsync(QueueOf(queue), $"{number - 1}", 1, cancellation);
        return page.Letters.FirstOrDefault(l => l.Id == id && Subject.Of(l).IsOf(http.GetAccess().Account.Id)) ?? throw NotFound();
    }

    private async Task<NoContent> NoteAsync(HttpContext http, string action, DeadLetter letter, CancellationToken cancellation)
    {
        var access = http.GetAccess();
        await activities.AppendAsync(access.Account.Id, access.Caller.Actor, action, Subject.Of(letter).Source ?? access.Account.Id.ToString(), cancellation,
            ("queue", ApiText.Of(letter.Queue)), ("letter", letter.Id), ("reason", letter.Reason));
        return TypedResults.NoContent();
    }

    private static DeadLetterView View(DeadLetter letter)
    {
        var subject = Subject.Of(letter);
        return new(letter.Id, ApiText.Of(letter.Queue), subject.Source, subject.Run, subject.Job, letter.Receives, letter.SentAt, letter.DiedAt, letter.Reason);
    }

    private static QueueName QueueOf(string text) =>
        Enum.TryParse<QueueName>(text, ignoreCase: true, out var queue) && char.IsLetter(text[0]) ? queue : throw Problem.NotFound("The queue");

    private static Problem NotFound() => Problem.NotFound("The dead letter");

    /// <summary>Whose message it is and what it is about; nothing for one that is not ours to read.</summary>
    private sealed record Subject(string? Account, string? Source, string? Run, string? Job)
    {
        public static Subject Of(DeadLetter letter)
        {
            try
            {
                using var body = JsonDocument.Parse(letter.Body);
                var root = body.RootElement;
                if (root.TryGetProperty("notification", out var notification)) root = notification;
                return new(Text(root, "accountId"), Text(root, "sourceId"), Text(root, "runId"), Text(root, "jobId"));
            }
            catch (JsonException)
            {
                return new(null, null, null, null);
            }
        }

        public bool IsOf(AccountId account) => Account == account.ToString();

        private static string? Text(JsonElement value, string name) =>
            value.ValueKind == JsonValueKind.Object && value.TryGetProperty(name, out var text) && text.ValueKind == JsonValueKind.String ? text.GetString() : null;
    }
}
