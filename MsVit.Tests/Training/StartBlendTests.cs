using Microsoft.ML;
using MsVit.MLNet;
using static TorchSharp.torch;

namespace MsVit.Tests.Training;

/// <summary>Trained weights that are blended with those that training started from.</summary>
public sealed class StartBlendTests : IDisposable
{
    private readonly MLContext _ml = new(seed: 1);
    private readonly List<string> _log = [];

    public StartBlendTests() => _ml.Log += (_, e) => _log.Add(e.Message);

    public void Dispose() => _log.Clear();

    [Fact]
    public void The_best_share_is_taken_unless_more_training_is_as_good_within_the_error()
    {
        double[] least = [0.5, 0.7, 0.6, 0.4];
        // Worse by 0.1 for every sample: surely. Worse by 0.1 on average, by 0.6 or better by 0.4: perhaps.
        Assert.Equal(1, StartBlend.Choose([[0.6, 0.8, 0.7, 0.5], least]));
        Assert.Equal(0, StartBlend.Choose([[1.1, 0.3, 1.2, 0], least]));
        Assert.Equal(0, StartBlend.Choose([least, least]));
        Assert.Equal(1, StartBlend.Choose([[double.NaN, 0, 0, 0], least, [9, 9, 9, 9]]));
        Assert.Equal(0, StartBlend.Choose([[1], [2]]));
        Assert.Equal(1, StartBlend.Choose([[2], [1]]));
    }

    [Fact]
    public void A_blend_is_the_weighted_mean_and_its_ends_are_copies()
    {
        using var network = new MsVitNetwork(MsVitConfig.Preset("tiny-32"));
        using var start = new WeightSnapshot(network);
        using (no_grad())
        {
            foreach (var value in network.state_dict().Values)
            {
                _ = value.is_floating_point() ? value.mul_(1.7).add_(0.3) : value.add_(5);
            }
        }
        using var trained = new WeightSnapshot(network);
        foreach (var share in new[] { 0, 0.25, 1 })
        {
            StartBlend.Blend(network, start, trained, share);
            foreach (var (name, value) in network.state_dict())
            {
                var (from, to) = (start.Weights[name], trained.Weights[name]);
                if (!value.is_floating_point() || share is 0 or 1)
                {
                    Assert.True(value.equal(share == 1 && value.is_floating_point() ? from : to).all().item<bool>(), name);
                }
                else
                {
                    using var expected = (to.to(float64) * 0.75) + (from.to(float64) * 0.25);
                    Assert.True(value.allclose(expected.to(float32), rtol: 1e-5, atol: 1e-6), name);
                }
            }
        }
    }

    [Fact]
    public void Without_a_validation_set_a_trial_chooses_the_share_and_the_model_records_it()
    {
        using var model = Fit(_ml.Data.LoadShapeImages(40, imageSize: 32), 0);
        Assert.Single(_log, line => line.Contains("A trial comes first: 3 epochs on 30 samples. 10 others", StringComparison.Ordinal));
        var line = Assert.Single(_log, line => line.Contains("The model keeps", StringComparison.Ordinal));
        var share = Assert.NotNull(model.Model.Card.Training!.StartShare);
        Assert.Contains(FormattableString.Invariant($"keeps {share:0%} of"), line, StringComparison.Ordinal);
        Assert.Contains(FormattableString.Invariant($"blended with {share:0%} of"), model.TrainingSummary, StringComparison.Ordinal);
        // The head of the trial has not seen what was held out, and the run begins anew.
        Assert.Equal(2, _log.Count(line => line.Contains("starts from the discriminant", StringComparison.Ordinal)));
        Assert.Single(_log, line => line.Contains("features of 30 training samples", StringComparison.Ordinal));
        Assert.Equal(4, _log.Count(line => line.Contains("Epoch ", StringComparison.Ordinal)));
    }

    [Fact]
    public void A_validation_set_chooses_the_share_without_a_trial_and_is_measured_again()
    {
        using var model = Fit(_ml.Data.LoadShapeImages(40, imageSize: 32), 0.25);
        Assert.DoesNotContain(_log, line => line.Contains("A trial", StringComparison.Ordinal));
        Assert.Single(_log, line => line.Contains("on 10 held-out samples", StringComparison.Ordinal));
        Assert.NotNull(model.Model.Card.Training!.ValidationAccuracy);
    }

    [Fact]
    public void A_single_sample_of_each_class_cannot_be_held_out()
    {
        using var model = Fit(_ml.Data.LoadShapeImages(10, imageSize: 32), 0);
        Assert.Equal(0.5, model.Model.Card.Training!.StartShare);
    }

    [Fact]
    public void The_same_seed_gives_the_same_model()
    {
        var rows = _ml.Data.LoadShapeImages(20, imageSize: 32);
        using var first = Fit(rows, 0);
        using var second = Fit(rows, 0);
        foreach (var (name, value) in first.Model.Network.state_dict())
        {
            Assert.True(value.equal(second.Model.Network.state_dict()[name]).all().item<bool>(), name);
        }
    }

    private MsVitTransformer Fit(IDataView rows, double validationFraction)
    {
        using var start = MsVitStarter.Load("starter-32");
        var options = new MsVitOptions
        {
            StartFrom = start,
            Recipe = new()
            {
                MaxEpoch = 4,
                BatchSize = 8,
                FrozenStages = 2,
                HeadStart = HeadStart.Discriminant,
                BlendWithStart = true,
            },
            ValidationFraction = validationFraction,
            ObserveActivity = false,
            Seed = 1,
            Device = "cpu",
        };
        var pipeline = _ml.Transforms.Conversion.MapValueToKey("Label")
            .Append(_ml.MulticlassClassification.Trainers.MsVit(options));
        return pipeline.Fit(rows).FindMsVit();
    }
}
