using System.IO.Compression;
using Microsoft.ML;
using MsVit.MLNet;
using MsVit.Tests.Support;
using MsVit.Trainer.Bench;
using TorchSharp;

namespace MsVit.Tests.Scoring;

/// <summary>A trained model scores by torch or by ONNX Runtime, as its options say.</summary>
public sealed class ScoringEngineTests : IDisposable
{
    private const int Rows = 40;

    private readonly TemporaryFolder _folder = new();
    private readonly List<string> _lines = [];
    private readonly MLContext _ml = new(seed: 1);

    public ScoringEngineTests() => _ml.Log += (_, e) => _lines.Add(e.RawMessage);

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void ONNX_Runtime_scores_what_torch_scores_and_the_network_is_still_there()
    {
        var data = DotTask.Data(_ml, Rows, seed: 5);
        using var torch = Fit(ScoringEngine.Torch);
        using var onnx = Fit(ScoringEngine.OnnxRuntime);
        Assert.False(torch.Model.ScoresInOnnxRuntime);
        Assert.True(onnx.Model.ScoresInOnnxRuntime);
        Assert.Single(_lines, line => line == "ScoringEngine is OnnxRuntime: ONNX Runtime scores.");
        AssertClose(DotTask.Scores(torch.Transform(data)), DotTask.Scores(onnx.Transform(data)));

        Assert.Equal(torch.EstimateEnergy(data, 8).Joules, onnx.EstimateEnergy(data, 8).Joules);
        onnx.SaveStarter(Path.Combine(_folder.Path, "starter.safetensors"));
        onnx.SaveAsOnnx(Path.Combine(_folder.Path, "model.onnx"));
        using var exported = _ml.Model.LoadMsVitOnnx(Path.Combine(_folder.Path, "model.onnx")).FindMsVit();
        AssertClose(DotTask.Scores(torch.Transform(data)), DotTask.Scores(exported.Transform(data)));
        var weights = Path.Combine(_folder.Path, "weights.safetensors");
        onnx.SaveWeights(weights);
        using var back = _ml.Model.LoadMsVitWeights(weights);
        Assert.True(back.Model.ScoresInOnnxRuntime);
        using var engine = _ml.Model.CreatePredictionEngine<DotRow, DotPrediction>(
            onnx, new PredictionEngineOptions { OwnsTransformer = false });
        AssertClose(DotTask.Scores(torch.Transform(data)), [.. DotTask.Rows(Rows, seed: 5).Select(row => engine.Predict(row).Score)]);
    }

    [Fact]
    public void A_loaded_model_scores_with_the_same_engine_and_models_of_torch_are_saved_as_before()
    {
        var data = DotTask.Data(_ml, Rows, seed: 5);
        foreach (var engine in Enum.GetValues<ScoringEngine>())
        {
            using var model = Fit(engine);
            var path = Path.Combine(_folder.Path, $"{engine}.zip");
            _ml.Model.Save(model, data.Schema, path);
            using (var zip = ZipFile.OpenRead(path))
            using (var card = new StreamReader(zip.Entries.Single(entry => entry.Name == "Model.json").Open()))
            {
                Assert.Equal(engine != ScoringEngine.Torch, card.ReadToEnd().Contains("ScoringEngine", StringComparison.Ordinal));
            }
            var loaded = _ml.Model.Load(path, out _);
            using var owned = (IDisposable)loaded;
            Assert.Equal(engine != ScoringEngine.Torch, loaded.FindMsVit().Model.ScoresInOnnxRuntime);
            Assert.Equal(DotTask.Scores(model.Transform(data)), DotTask.Scores(loaded.Transform(data)));
        }
        Assert.Equal(2, _lines.Count(line => line == "ScoringEngine is Auto: ONNX Runtime scores."));
    }

    [Fact]
    public void Auto_leaves_large_networks_and_other_precisions_to_torch_and_says_why()
    {
        using var small = BenchmarkModel.Create(MsVitConfig.Preset("tiny-32") with { EmbedDim = 16, NumHeads = 2 }, Precision.Float32);
        var large = MsVitConfig.Preset("cifar10-4-384");
        using var network = new MsVitNetwork(large);
        Assert.Contains("million multiply-accumulates", Chosen(network, small.Card with { Network = large }), StringComparison.Ordinal);
        Assert.Contains("ScoringPrecision is BFloat16", Chosen(small.Network, small.Card with { Precision = Precision.BFloat16 }),
            StringComparison.Ordinal);

        static string Chosen(MsVitNetwork network, ModelCard card)
        {
            var said = new List<string>();
            var model = new MsVitModel(network, card with { Engine = ScoringEngine.Auto }, torch.CPU);
            model.ChooseEngine(said.Add);
            Assert.False(model.ScoresInOnnxRuntime);
            return Assert.Single(said);
        }
    }

    [Fact]
    public void Options_that_contradict_each_other_are_refused()
    {
        var e = Assert.Throws<ArgumentException>(() => _ml.MulticlassClassification.Trainers.MsVit(DotTask.Options(options =>
            (options.ScoringEngine, options.ScoringPrecision) = (ScoringEngine.OnnxRuntime, Precision.BFloat16))));
        Assert.Contains("ONNX Runtime scores in Float32", e.Message, StringComparison.Ordinal);
        Assert.Equal(ScoringEngine.Auto, new MsVitOptions().With(new KeyValuePair<string, string>("ScoringEngine", "auto")).ScoringEngine);
    }

    [LinuxFact("links to files, without a privilege")]
    public void Without_ONNX_Runtime_Auto_falls_back_to_torch_and_OnnxRuntime_is_one_clear_error()
    {
        using var application = new OnnxAlone("libonnxruntime", "onnxruntime");
        foreach (var engine in new[] { ScoringEngine.Auto, ScoringEngine.OnnxRuntime })
        {
            using var model = Fit(engine);
            var path = Path.Combine(_folder.Path, "model.zip");
            _ml.Model.Save(model, DotTask.Data(_ml, 1).Schema, path);
            var (code, _, error) = application.Run(FreshProcess.ScoreVerb, path);
            Assert.Equal(engine == ScoringEngine.Auto, code == 0);
            Assert.Equal(engine != ScoringEngine.Auto, error.Contains(
                "ScoringEngine OnnxRuntime needs ONNX Runtime's native library", StringComparison.Ordinal));
        }
    }

    private MsVitTransformer Fit(ScoringEngine engine)
    {
        var options = DotTask.Options(options =>
        {
            options.Recipe = DotTask.Recipe with { MaxEpoch = 1 };
            options.ScoringEngine = engine;
        });
        return DotTask.Pipeline(_ml, options).Fit(DotTask.Data(_ml, 60)).FindMsVit();
    }

    private static void AssertClose(float[][] expected, float[][] got)
    {
        Assert.Equal(expected.Length, got.Length);
        Assert.All(expected.Zip(got), row => Assert.All(row.First.Zip(row.Second), pair => Assert.Equal(pair.First, pair.Second, 1e-4f)));
    }
}
