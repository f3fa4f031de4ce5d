using static TorchSharp.torch;

namespace MsVit.MLNet.Analysis;

/// <summary>The spikes of one layer over the watched samples.</summary>
/// <param name="Name">The layer's state-dict path.</param>
/// <param name="Levels">The most spikes of a neuron in a time step.</param>
/// <param name="Rates">Spikes per neuron at each time step, 0 to <paramref name="Levels"/>.</param>
/// <param name="Raster">[T][neurons]: how many spikes some neurons fired in the first sample.</param>
internal sealed record WatchedSpikes(string Name, int Levels, float[] Rates, int[][] Raster)
{
    private const int Neurons = 100;

    /// <summary>Runs samples through the scoring network and records its spikes.</summary>
    public static IReadOnlyList<WatchedSpikes> Of(MsVitModel model, byte[] samples, SampleShape shape)
    {
        using var gradientFree = no_grad();
        using var scope = NewDisposeScope();
        var input = model.Card.Input;
        var count = samples.Length / shape.Bytes;
        var batch = shape.IsFrames
            ? FrameTensor.Make(samples, count, shape, model.Device)
            : new PixelNormalization(input.Mean, input.Deviation, input.PixelRange)
                .Apply(samples, count, shape.Height, shape.Width, shape.IsFloat, model.Device);
        var layers = new List<WatchedSpikes>();
        var levels = NetworkPlan.Of(model.Network.Config).LevelsByNeurons;
        using var folded = model.Network.Folded(Precision.Float32);
        folded.Forward(batch, new NetworkObserver { Fired = (name, spikes) => layers.Add(Of(name, levels[name], spikes)) });
        return layers;
    }

    // [T, B, ...]
    private static WatchedSpikes Of(string name, int levels, Tensor spikes)
    {
        var rates = spikes.to(ScalarType.Float32).flatten(1).mean([1]).cpu().data<float>().ToArray();
        var first = spikes.select(1, 0).to(ScalarType.Float32).flatten(1).cpu();
        var every = Math.Max(1, first.shape[1] / Neurons);
        var some = first.slice(1, 0, Math.Min(first.shape[1], every * Neurons), every).contiguous();
        var width = (int)some.shape[1];
        int[] counts = [.. some.data<float>().Select(value => (int)value)];
        return new(name, levels, rates, [.. counts.Chunk(width)]);
    }
}
