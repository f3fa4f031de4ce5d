using Microsoft.ML;
using MsVit.MLNet;
using MsVit.Tests.Support;

namespace MsVit.Tests;

/// <summary>Training that starts from a trained model.</summary>
public sealed class FineTuningTests(TrainedDots trained) : IClassFixture<TrainedDots>
{
    private readonly MLContext _ml = new(seed: 1);

    [Fact]
    public void Frozen_stages_keep_weights_and_statistics_to_the_bit()
    {
        using var model = (IDisposable)Fit(o => o.Recipe = o.Recipe with { FrozenStages = 2 });
        var (before, after) = (Weights(trained.Model), Weights((ITransformer)model));
        Assert.All(before.Where(pair => Frozen(pair.Key)), pair => Assert.Equal(pair.Value, after[pair.Key]));
        Assert.Contains(before, pair => !Frozen(pair.Key) && !pair.Value.SequenceEqual(after[pair.Key]));

        static bool Frozen(string name) => name.Split('.')[0] is "patch_embed1" or "stage1" or "patch_embed2" or "stage2";
    }

    [Fact]
    public void The_network_and_what_it_expects_of_a_image_come_from_the_model()
    {
        // A network that was not set is the default one, which is another.
        using var model = (IDisposable)Fit(new MsVitOptions { StartFrom = trained.Model, Recipe = DotTask.Recipe with { MaxEpoch = 1 } });
        var (start, tuned) = (Of(trained.Model).Model.Card, Of((ITransformer)model).Model.Card);
        Assert.Equal(start.Network, tuned.Network);
        Assert.Equal(start.Input.Mean, tuned.Input.Mean);
    }

    [Fact]
    public void A_network_that_is_set_and_differs_from_that_of_the_model_is_refused_with_both_values()
    {
        var error = Assert.Throws<ArgumentException>(() => Fit(o => o.Network = MLNet.MsVitConfig.Preset("cifar10-4-384")));
        Assert.Contains("Network is cifar10-4-384 and StartFrom has the network dots, which differs: ", error.Message,
            StringComparison.Ordinal);
        Assert.Contains("EmbedDim is 384, but 16 in the model", error.Message, StringComparison.Ordinal);
        Assert.Contains("Mean differs from that of StartFrom", Assert.Throws<ArgumentException>(
            () => Fit(o => (o.Mean, o.Deviation) = ([0, 0, 0], [1, 1, 1]))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_model_tuned_for_one_epoch_knows_what_the_one_it_started_from_knew()
    {
        using var model = (IDisposable)Fit(o => o.Recipe = o.Recipe with { MaxEpoch = 1, LearningRate = 1e-6, MinLearningRate = 0 });
        Assert.InRange(Accuracy((ITransformer)model), Accuracy(trained.Model) - 0.02, 1);
    }

    [Fact]
    public void Freezing_without_a_model_to_start_from_is_refused()
    {
        var error = Assert.Throws<ArgumentException>(() => Fit(o => (o.StartFrom, o.Recipe) = (null, o.Recipe with { FrozenStages = 1 })));
        Assert.Contains("StartFrom is null", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_pipeline_without_a_model_is_refused()
    {
        var other = _ml.Transforms.Conversion.MapValueToKey("Label").Fit(DotTask.Data(_ml, 6));
        Assert.Contains("0 MsVit models", Assert.Throws<ArgumentException>(() => Fit(o => o.StartFrom = other)).Message,
            StringComparison.Ordinal);
    }

    private static MsVitTransformer Of(ITransformer model) => ((IEnumerable<ITransformer>)model).OfType<MsVitTransformer>().Single();

    private static Dictionary<string, byte[]> Weights(ITransformer model) =>
        Of(model).Model.Network.state_dict().ToDictionary(pair => pair.Key, pair => pair.Value.cpu().bytes.ToArray());

    private double Accuracy(ITransformer model)
    {
        var data = DotTask.Data(_ml, 90, seed: 5);
        return _ml.MulticlassClassification.Evaluate(model.Transform(data)).MicroAccuracy;
    }

    private ITransformer Fit(Action<MsVitOptions> change) => Fit(DotTask.Options(o =>
    {
        o.StartFrom = trained.Model;
        o.Recipe = DotTask.Recipe with { MaxEpoch = 2 };
        change(o);
    }));

    private ITransformer Fit(MsVitOptions options) => DotTask.Pipeline(_ml, options).Fit(DotTask.Data(_ml, 60, seed: 3));
}
