using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using MsVit.MLNet.Interop.Onnx;
using MsVit.MLNet.Network;
using MsVit.MLNet.Network.Attention;
using TorchSharp;

namespace MsVit.Tests.Interop.Onnx;

/// <summary>A network beside its ONNX model in ONNX Runtime, on one input.</summary>
internal static class OnnxCase
{
    /// <summary>What is exported beside a network whose input is normalised already.</summary>
    public static OnnxExport Export(MsVitConfig config, IReadOnlyList<string>? labels = null) => new()
    {
        InputName = "Image",
        ScoreName = "Score",
        PredictedLabelName = "PredictedLabel",
        Normalization = new([.. Enumerable.Repeat(0f, config.Channels)], [.. Enumerable.Repeat(1f, config.Channels)], 1),
        TextLabels = labels,
        Metadata = new Dictionary<string, string> { ["network"] = config.ToJson() },
        LibraryVersion = "test",
        WithSpikes = true,
    };

    /// <summary>Exports a network and holds every layer's spikes and the scores against it.</summary>
    /// <param name="network">In evaluation mode.</param>
    /// <param name="input">As the network takes it.</param>
    public static void Compare(MsVitNetwork network, torch.Tensor input)
    {
        using var scope = torch.NewDisposeScope();
        using var noGrad = torch.no_grad();
        using var folded = network.Folded();
        var expected = new Dictionary<string, torch.Tensor>();
        var logits = folded.Forward(input, new NetworkObserver
        {
            Fired = (name, spikes) => scope.Attach(expected[name] = spikes.detach().flatten(0, 1).clone().DetachFromDisposeScope()),
        });

        using var file = new MemoryStream();
        OnnxExporter.Write(file, network, Export(network.Config));
        using var session = Session(file.ToArray());
        var frames = network.Config.Input == InputKind.Frames;
        var ours = (frames ? input.transpose(0, 1) : input).contiguous();
        using var results = session.Run([NamedOnnxValue.CreateFromTensor("Image", new DenseTensor<float>(ours.data<float>().ToArray(), [.. ours.shape.Select(size => (int)size)]))]);
        var byName = results.ToDictionary(result => result.Name);
        Assert.True(expected.Count > 10, $"{expected.Count} layers were seen");
        // Of QueryTwice nobody looks at p.
        foreach (var (name, spikes) in expected.Where(layer => network.Config.ScaleBranch != ScaleBranch.QueryTwice || !layer.Key.EndsWith(".p_lif", StringComparison.Ordinal)))
        {
            var got = byName[name].AsTensor<float>();
            Assert.Equal(spikes.shape, got.Dimensions.ToArray().Select(size => (long)size));
            Assert.True(spikes.contiguous().data<float>().ToArray().AsSpan().SequenceEqual(got.ToArray()), $"{name}: the spikes differ.");
        }
        Assert.Contains(expected.Values, spikes => spikes.sum().item<float>() > 0);
        var probabilities = logits.softmax(1).contiguous().data<float>().ToArray();
        Assert.All(probabilities.Zip(byName["Score"].AsTensor<float>().ToArray()), pair => Assert.Equal(pair.First, pair.Second, 1e-4f));
        Assert.Equal(logits.argmax(1).data<long>().ToArray(), byName["PredictedLabel"].AsTensor<long>().ToArray());
    }

    /// <summary>A session of one thread.</summary>
    public static InferenceSession Session(byte[] model)
    {
        using var options = new SessionOptions { IntraOpNumThreads = 1, InterOpNumThreads = 1, LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR };
        return new(model, options);
    }
}
