using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using MsVit.MLNet;
using TorchSharp;

namespace MsVit.Tests.Interop.Onnx;

/// <summary>A network beside its ONNX model in ONNX Runtime, on one input.</summary>
internal static class OnnxCase
{
    /// <summary>What is exported beside a network whose input is normalized already.</summary>
    public static OnnxExport Export(MsVitConfig config, IReadOnlyList<string>? labels = null) => new()
    {
        InputName = "Image",
        ScoreName = "Score",
        PredictedLabelName = "PredictedLabel",
        Normalization = new([.. Enumerable.Repeat(0f, config.Channels)], [.. Enumerable.Repeat(1f, config.Channels)], 1),
        TextLabels = labels,
        Metadata = new Dictionary<string, string> { ["network"] = config.ToJson() },
        LibraryVersion = "test",
        WithInsight = true,
    };

    /// <summary>Exports a network and holds every layer's spikes and the scores against it.</summary>
    /// <param name="network">In evaluation mode.</param>
    /// <param name="input">As the network takes it.</param>
    /// <param name="ranges">Of the currents, for eight bits.</param>
    public static void Compare(MsVitNetwork network, torch.Tensor input, IReadOnlyDictionary<string, CurrentRange>? ranges = null)
    {
        using var scope = torch.NewDisposeScope();
        var (expected, logits) = Spikes(network, input, scope);
        using var results = Run(network, input, ranges);
        var byName = results.ToDictionary(result => result.Name);
        Assert.True(expected.Count > 10, $"{expected.Count} layers were seen");
        foreach (var (name, spikes) in expected)
        {
            var (sizes, got) = Values(byName[name]);
            // Over tokens or over the image, of all channels or head by head: the same numbers.
            Assert.Equal(spikes.shape[0], sizes[0]);
            Assert.True(spikes.contiguous().data<float>().ToArray().AsSpan().SequenceEqual(got), $"{name}: the spikes differ.");
        }
        Assert.InRange(expected.Values.Count(spikes => spikes.sum().item<float>() > 0), expected.Count / 2, expected.Count);
        var probabilities = logits.softmax(1).contiguous().data<float>().ToArray();
        Assert.All(probabilities.Zip(byName["Score"].AsTensor<float>().ToArray()), pair => Assert.Equal(pair.First, pair.Second, 1e-4f));
        Assert.Equal(logits.argmax(1).data<long>().ToArray(), byName["PredictedLabel"].AsTensor<long>().ToArray());
    }

    private static (int[] Sizes, float[] Values) Values(NamedOnnxValue spikes) => spikes.Value switch
    {
        Tensor<byte> bytes => (bytes.Dimensions.ToArray(), Array.ConvertAll(bytes.ToArray(), value => (float)value)),
        Tensor<float> floats => (floats.Dimensions.ToArray(), floats.ToArray()),
        var other => throw new InvalidOperationException($"The spikes are {other}."),
    };

    // Of QueryTwice nobody looks at p.
    private static (Dictionary<string, torch.Tensor> Spikes, torch.Tensor Logits) Spikes(
        MsVitNetwork network, torch.Tensor input, DisposeScope scope)
    {
        using var noGrad = torch.no_grad();
        using var folded = network.Folded();
        var expected = new Dictionary<string, torch.Tensor>();
        var logits = folded.Forward(input, new NetworkObserver
        {
            Fired = (name, spikes) => scope.Attach(
            expected[name] = spikes.detach().flatten(0, 1).clone().DetachFromDisposeScope())
        });
        return (expected.Where(layer => network.Config.ScaleBranch != ScaleBranch.QueryTwice
            || !layer.Key.EndsWith(".p_lif", StringComparison.Ordinal)).ToDictionary(), logits);
    }

    private static IDisposableReadOnlyCollection<DisposableNamedOnnxValue> Run(
        MsVitNetwork network, torch.Tensor input, IReadOnlyDictionary<string, CurrentRange>? ranges)
    {
        using var file = new MemoryStream();
        OnnxExporter.Write(file, network, Export(network.Config) with { Ranges = ranges });
        using var session = Session(file.ToArray());
        var ours = (network.Config.Input == InputKind.Frames ? input.transpose(0, 1) : input).contiguous();
        return session.Run([NamedOnnxValue.CreateFromTensor("Image",
            new DenseTensor<float>(ours.data<float>().ToArray(), [.. ours.shape.Select(size => (int)size)]))]);
    }

    /// <summary>A session of one thread.</summary>
    public static InferenceSession Session(byte[] model)
    {
        using var options = new SessionOptions
        {
            IntraOpNumThreads = 1,
            InterOpNumThreads = 1,
            LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR
        };
        return new(model, options);
    }
}
