using static TorchSharp.torch;

namespace MsVit.MLNet.Analysis;

/// <summary>Runs a model on one sample and records what its layers do.</summary>
internal static class SampleInspector
{
    /// <summary>Inspects one sample.</summary>
    /// <exception cref="NotSupportedException">The model is an ONNX model without insight.</exception>
    public static SampleInsight Inspect(IScorer model, ReadOnlySpan<byte> sample, SampleShape shape) => model is OnnxModel onnx
        ? InOnnxRuntime(onnx, sample, shape)
        : InTorch((MsVitModel)model, sample, shape);

    private static SampleInsight InOnnxRuntime(OnnxModel model, ReadOnlySpan<byte> sample, SampleShape shape)
    {
        var activity = new SampleActivity(model.Card.Network);
        float[] probabilities = [];                                                     // [T, classes]
        model.Observe(sample, shape, (name, values) =>
        {
            if (name == OnnxFile.StepsName)
            {
                probabilities = values.ToArray();
            }
            else
            {
                activity.Observe(name, values);
            }
        });
        return activity.Insight(probabilities);
    }

    private static SampleInsight InTorch(MsVitModel model, ReadOnlySpan<byte> sample, SampleShape shape)
    {
        using var gradientFree = no_grad();
        using var scope = NewDisposeScope();
        var config = model.Network.Config;
        using var network = AnalyzedNetwork.Of(model, config.TimeSteps);
        var activity = new SampleActivity(config);
        float[] probabilities = [];                                                     // [T, classes]
        network.Forward(model.Input(sample, shape, 1), new NetworkObserver
        {
            Convolving = (name, input) => activity.Observe(name, Values(input)),
            Fired = (name, spikes) => activity.Observe(name, Values(spikes)),
            Produced = (name, output) =>
            {
                if (activity.Knows(name))
                {
                    activity.Observe(name, Values(output));
                    probabilities = Values(network.Probabilities(output));
                }
            },
        });
        return activity.Insight(probabilities);
    }

    // [T, 1, ...] in that order.
    private static float[] Values(Tensor tensor)
    {
        using var scope = NewDisposeScope();
        return tensor.to(float32).cpu().contiguous().data<float>().ToArray();
    }
}
