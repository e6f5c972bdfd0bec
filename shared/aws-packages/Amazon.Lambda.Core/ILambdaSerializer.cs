namespace Amazon.Lambda.Core;

/// <summary>Turns the JSON of an event into a value, and an answer into JSON.</summary>
public interface ILambdaSerializer
{
    T Deserialize<T>(Stream requestStream);

    void Serialize<T>(T response, Stream responseStream);
}
