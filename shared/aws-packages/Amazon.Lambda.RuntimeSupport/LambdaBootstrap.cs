using Amazon.Lambda.Core;

namespace Amazon.Lambda.RuntimeSupport;

/// <summary>
/// The loop of a Lambda function: asks the Runtime API for the next event, hands it to the handler and reports the answer or the error, one event at a
/// time, until the process is ended or the loop cancelled.
/// </summary>
public sealed class LambdaBootstrap : IDisposable
{
    private readonly RuntimeApiClient _api;
    private readonly Func<Stream, ILambdaContext, Task<Stream>> _handler;
    private readonly LambdaBootstrapInitializer? _initializer;

    internal LambdaBootstrap(HttpClient? httpClient, Func<Stream, ILambdaContext, Task<Stream>> handler, LambdaBootstrapInitializer? initializer)
    {
        _api = new(httpClient);
        _handler = handler;
        _initializer = initializer;
    }

    /// <summary>
    /// Runs until <paramref name="cancellationToken"/> asks to stop: an idle loop stops at once, a running invocation is finished and reported first.
    /// What the initializer throws is reported as an initialization error and thrown again, which ends the process.
    /// </summary>
    public async Task RunAsync(CancellationToken cancellationToken = default)
    {
        if (_initializer is not null && !await InitializeAsync(_initializer, cancellationToken)) return;

        while (!cancellationToken.IsCancellationRequested)
        {
            Invocation invocation;
            try
            {
                invocation = await _api.NextAsync(cancellationToken);
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                return;
            }
            using (invocation) await AnswerAsync(invocation);
        }
    }

    public void Dispose() => _api.Dispose();

    private async Task<bool> InitializeAsync(LambdaBootstrapInitializer initializer, CancellationToken cancellation)
    {
        try
        {
            return await initializer();
        }
        catch (Exception exception)
        {
            await _api.ReportInitErrorAsync(exception, cancellation);
            throw;
        }
    }

    // Not cancelled by a stop: an event that was taken is answered, or Lambda would count it as failed and deliver it again.
    private async Task AnswerAsync(Invocation invocation)
    {
        // Tracing libraries look for the trace here, and Lambda allows one invocation at a time per process.
        Environment.SetEnvironmentVariable("_X_AMZN_TRACE_ID", invocation.TraceId);
        Stream answer;
        try
        {
            answer = await _handler(invocation.Input, invocation.Context);
        }
        catch (Exception exception)
        {
            // Whatever the handler throws belongs to this event alone; the process stays fit for the next one.
            await _api.ReportErrorAsync(invocation.RequestId, exception);
            return;
        }
        await using (answer) await _api.RespondAsync(invocation.RequestId, answer);
    }
}
