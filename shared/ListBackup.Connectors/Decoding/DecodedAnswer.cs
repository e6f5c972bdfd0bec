using System.Text.Json;
using ListBackup.Connectors.Expressions;
using ListBackup.Connectors.Reading;
using ListBackup.Connectors.Requests;

namespace ListBackup.Connectors.Decoding;

/// <summary>An answer that is no page (of a login, about a report) as one value.</summary>
internal static class DecodedAnswer
{
    /// <returns>A value of its own, which outlives the answer.</returns>
    /// <exception cref="PlatformNotReadableException">The answer is not what its decoder reads.</exception>
    public static Value Of(HttpAnswer answer, BodyDecoder decoder, Session session)
    {
        if (decoder.IsJson && !answer.Body.IsMarked)
            return ValueJson.Detached(answer.Json);

        var failure = session.Failure(answer.Host) with { Status = answer.Status };
        var limits = session.Ports.Http.Limits;
        try
        {
            using var stream = decoder.Open(answer.Body.Open(), limits.AnswerBytesMax);
            using var whole = PageBuffer.ReadWhole(stream, limits.RecordBytesMax);

            return ValueJson.Detached(ValueJson.ParseWhole(whole.Memory));
        }
        catch (JsonException)
        {
            throw new PlatformNotReadableException("it is not JSON, or nested too deep", failure);
        }
        catch (InvalidDataException)
        {
            throw new PlatformNotReadableException("its compression is broken", failure);
        }
        catch (NotReadableException exception)
        {
            throw new PlatformNotReadableException(exception.Message, failure);
        }
        catch (TransportException exception)
        {
            throw session.Sender.Translate(exception, failure);
        }
    }
}
