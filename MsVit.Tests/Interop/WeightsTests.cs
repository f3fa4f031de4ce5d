using Microsoft.ML;
using MsVit.MLNet;
using MsVit.Tests.Golden;
using MsVit.Tests.Interop.PyTorch;
using MsVit.Tests.Support;
using TorchSharp;

namespace MsVit.Tests.Interop;

public sealed class WeightsTests(TrainedDots dots) : IClassFixture<TrainedDots>, IDisposable
{
    private readonly MLContext _ml = new(seed: 1);
    private readonly TemporaryFolder _folder = new();

    [Fact]
    public void Weights_that_were_saved_make_the_same_model_also_saved_and_trained_further()
    {
        var trained = ((IEnumerable<ITransformer>)dots.Model).OfType<MsVitTransformer>().Single();
        var path = Path.Combine(_folder.Path, "dots.safetensors");
        trained.SaveWeights(path);
        using var loaded = _ml.Model.LoadMsVitWeights(path);
        Assert.Equal(trained.Labels, loaded.Labels);
        Assert.Equal(trained.TrainingSummary, loaded.TrainingSummary);
        Assert.Equal(DotTask.Scores(trained.Transform(dots.Train)), DotTask.Scores(loaded.Transform(dots.Train)));

        var zip = Path.Combine(_folder.Path, "dots.zip");
        _ml.Model.Save(loaded, dots.Train.Schema, zip);
        var again = _ml.Model.Load(zip, out _);
        using var disposable = (IDisposable)again;
        Assert.Equal(DotTask.Scores(trained.Transform(dots.Train)), DotTask.Scores(again.Transform(dots.Train)));

        var further = DotTask.Pipeline(_ml, DotTask.Options(o => (o.StartFrom, o.Recipe) = (
            loaded, DotTask.Recipe with { MaxEpoch = 1 }))).Fit(dots.Train);
        using var alsoDisposable = (IDisposable)further;
        Assert.InRange(_ml.MulticlassClassification.Evaluate(further.Transform(dots.Train)).MicroAccuracy, 0.5, 1);
    }

    [Theory]
    [InlineData("committed/cifar10_d32")]
    [InlineData("committed/qkformer_cifar10_d32")]
    [InlineData("committed/spikformer_cifar10_d32")]
    [InlineData("committed/cifar10dvs_literal_d32")]
    public void A_checkpoint_of_the_reference_gives_the_recorded_probabilities_as_a_model(string label)
    {
        using var golden = new GoldenCase(label);
        using var scope = torch.NewDisposeScope();
        var network = GoldenVariants.Config(golden.Json, ProjectionCoupling.PerSample);
        var path = _folder.Write("reference.pth", TorchFile.Of(golden.Under("state/"), "model"));
        var still = network.Input == InputKind.Still;
        using var loaded = _ml.Model.LoadMsVitWeights(path, new() { Network = network, Mean = [0, 0, 0], Deviation = [1, 1, 1] });
        var input = GoldenVariants.Input(golden);
        using var noGrad = torch.no_grad();
        var probabilities = loaded.Model.Network.call(input).softmax(1);
        Close.Within(1e-5, golden["eval/logits_single"].softmax(1), probabilities, "probabilities");
        Assert.Equal(still, !loaded.Model.Card.Input.IsFrames);
    }

    [Fact]
    public void Weights_of_another_network_are_refused_with_everything_that_does_not_fit()
    {
        using var golden = new GoldenCase("committed/cifar10_d32");
        var path = _folder.Write("reference.pth", TorchFile.Of(golden.Under("state/")));
        var e = Assert.Throws<InvalidDataException>(() => _ml.Model.LoadMsVitWeights(
            path, new() { Network = MsVitConfig.Preset("tiny-32") }));
        Assert.Contains("missing", e.Message, StringComparison.Ordinal);
        Assert.Contains("different", e.Message, StringComparison.Ordinal);
        var nothing = Assert.Throws<InvalidDataException>(() => _ml.Model.LoadMsVitWeights(path));
        Assert.Contains("Give the options", nothing.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Options_that_do_not_go_together_are_refused()
    {
        var options = new MsVitWeightsOptions { Network = MsVitConfig.Preset("tiny-32") };
        var path = _folder.Write("x.safetensors", []);
        Assert.Throws<ArgumentException>(() => _ml.Model.LoadMsVitWeights(path, options with { Mean = [0] }));
        Assert.Throws<ArgumentException>(() => _ml.Model.LoadMsVitWeights(path, options with { Deviation = [1, 1, 0] }));
        Assert.Throws<ArgumentException>(() => _ml.Model.LoadMsVitWeights(path, options with { CropShare = 0 }));
        Assert.Throws<ArgumentException>(() => _ml.Model.LoadMsVitWeights(path, options with { Labels = ["a", "a"] }));
        Assert.Throws<InvalidDataException>(() => _ml.Model.LoadMsVitWeights(path, options));
    }

    [PythonModuleFact("json")]
    public void An_independent_reader_finds_the_same_numbers()
    {
        var trained = ((IEnumerable<ITransformer>)dots.Model).OfType<MsVitTransformer>().Single();
        var path = Path.Combine(_folder.Path, "dots.safetensors");
        trained.SaveWeights(path);
        var output = PythonModuleFactAttribute.Run($$"""
            import json, struct
            b = open('{{path}}', 'rb').read()
            n = struct.unpack('<Q', b[:8])[0]
            h = json.loads(b[8:8 + n])
            m = h.pop('__metadata__')
            e = h['head.bias']
            s, t = e['data_offsets']
            print(m['format'], json.loads(m['msvit'])['ImageColumnName'], len(h), max(v['data_offsets'][1] for v in h.values()) == len(b) - 8 - n, e['dtype'],
                  list(struct.unpack('<%di' % e['shape'][0], b[8 + n + s:8 + n + t])))
            """);
        var bias = trained.Model.Network.get_parameter("head.bias")!.data<float>().ToArray();
        var bits = string.Join(", ", bias.ToArray().Select(BitConverter.SingleToInt32Bits));
        Assert.Equal($"pt Image {trained.Model.Network.state_dict().Count} True F32 [{bits}]", output.Trim());
    }

    public void Dispose() => _folder.Dispose();
}
