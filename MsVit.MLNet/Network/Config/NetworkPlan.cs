namespace MsVit.MLNet;

/// <summary>The layers of a network as data: what its modules build, without building it.</summary>
/// <remarks>
/// Whatever needs to know the network's shape reads it here: operation counts, the memory estimate, the checks of a config, the ONNX
/// writer. A test holds the modules to it.
/// </remarks>
/// <param name="Config">The network.</param>
/// <param name="Layers">In the order in which they run.</param>
internal sealed record NetworkPlan(MsVitConfig Config, IReadOnlyList<PlannedLayer> Layers)
{
    /// <summary>By what the embedding of each stage but the first divides height and width.</summary>
    public const int StageStride = 2;

    /// <summary>The plan of a valid config.</summary>
    public static NetworkPlan Of(MsVitConfig config) => new(config, new NetworkPlanBuilder(config).Build());

    /// <summary>How many numbers are learned.</summary>
    public long ParameterCount => Layers.Sum(layer => layer.ParameterCount);

    /// <summary>The most spikes of a neuron in a time step, by the path of its layer of neurons.</summary>
    public IReadOnlyDictionary<string, int> LevelsByNeurons { get; } =
        Layers.Where(layer => layer.Neurons is not null).ToDictionary(layer => layer.Neurons!, layer => layer.Levels);

    /// <summary>Multiply-accumulates of all convolutions for one sample, over all time steps.</summary>
    public long ConvolutionMacs => Layers.Where(layer => layer.IsConvolution)
        .Sum(layer => layer.ConvolutionMacs * (layer.RunsOnce ? 1 : Config.TimeSteps));

    /// <summary>Pixels of the input per token of the last stage, along each axis.</summary>
    public static int PixelsPerToken(MsVitConfig config) =>
        Enumerable.Repeat(StageStride, config.Depths.Count - 1).Aggregate(config.StemStride, (pixels, stride) => pixels * stride);
}
