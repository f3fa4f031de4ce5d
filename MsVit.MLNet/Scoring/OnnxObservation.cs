using System.Text.Json;

namespace MsVit.MLNet;

/// <summary>The outputs of an ONNX model that show what its network does, as <see cref="OnnxFile.InsightKey"/> lists them.</summary>
internal sealed class OnnxObservation
{
    private readonly ILookup<string, Expected> _expected;
    private readonly string _source;

    private OnnxObservation(ILookup<string, Expected> expected, string source) =>
        (_expected, _source, Outputs) = (expected, source, [.. expected.Select(output => output.Key)]);

    /// <summary>The names of the outputs, each once.</summary>
    public string[] Outputs { get; }

    /// <summary>Reads the list.</summary>
    /// <param name="json">The list.</param>
    /// <param name="config">The network.</param>
    /// <param name="source">What messages call the model.</param>
    /// <exception cref="InvalidDataException">It is damaged, or does not name what the network has.</exception>
    public static OnnxObservation Read(string json, MsVitConfig config, string source)
    {
        Dictionary<string, string?> outputs;
        try
        {
            outputs = JsonSerializer.Deserialize<Dictionary<string, string?>>(json) ?? [];
        }
        catch (JsonException e)
        {
            throw Damaged(source, $"its list of layers cannot be read: {e.Message}", e);
        }
        return new(All(config).ToLookup(expected => outputs.GetValueOrDefault(expected.Name)
            ?? throw Damaged(source, $"its list of layers has no output for {expected.Name}.")), source);
    }

    /// <summary>Passes on the values of an output, under each name that it has.</summary>
    /// <exception cref="InvalidDataException">The values are not those of the layer.</exception>
    public void See(string output, ReadOnlySpan<float> values, Action<string, ReadOnlySpan<float>> see)
    {
        foreach (var expected in _expected[output])
        {
            if (values.Length != expected.Count)
            {
                throw Damaged(
                    _source, $"output '{output}' has {values.Length} values for one sample, but {expected.Name} has {expected.Count}.");
            }
            if (values.ContainsAnyExceptInRange(expected.Least, expected.Most))
            {
                throw Damaged(
                    _source, $"output '{output}' has values for {expected.Name} outside of {expected.Least} to {expected.Most}.");
            }
            see(expected.Name, values);
        }
    }

    /// <summary>The error of a model whose outputs are not what its metadata state.</summary>
    public static InvalidDataException Damaged(string source, string fault, Exception? cause = null) =>
        new($"{source} is damaged or was modified: {fault} {OnnxFile.ExportAgain}", cause);

    private static IEnumerable<Expected> All(MsVitConfig config)
    {
        var steps = config.TimeSteps;
        foreach (var layer in NetworkPlan.Of(config).Layers)
        {
            if (layer.IsConvolution)
            {
                yield return new(layer.Conv, layer.Input.Values * (layer.RunsOnce ? 1 : steps), float.MinValue, float.MaxValue);
            }
            if (layer.Neurons is { } neurons)
            {
                yield return new(neurons, layer.Fired.Values * steps, 0, layer.Levels);
            }
            if (layer.Kind == LayerKind.TokenMean)
            {
                yield return new(layer.Name, layer.Output.Values * steps, float.MinValue, float.MaxValue);
            }
        }
        yield return new(OnnxFile.StepsName, (long)config.Classes * steps, 0, 1.001f);
    }

    private sealed record Expected(string Name, long Count, float Least, float Most);
}
