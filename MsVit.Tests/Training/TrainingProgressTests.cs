using MsVit.MLNet;

namespace MsVit.Tests.Training;

public sealed class TrainingProgressTests
{
    private static readonly TrainingProgress Report = new()
    {
        Epoch = 2,
        Epochs = 5,
        Step = 20,
        StepsPerEpoch = 113,
        EpochEnded = false,
        TrainLoss = 1.2341,
        TrainAccuracy = 0.5678,
        BestEpoch = 1,
        LearningRate = 1e-3,
        SamplesPerSecond = 321.4,
        Elapsed = TimeSpan.FromSeconds(30),
        Remaining = new TimeSpan(days: 1, hours: 2, minutes: 3, seconds: 4),
    };

    [Fact]
    public void A_report_within_an_epoch_prints_its_step()
    {
        Assert.Equal("epoch 2/5, step 20/113: loss 1.234, accuracy 0.568, 321 samples/s, 26:03:04 left", $"{Report}");
    }

    [Fact]
    public void A_report_at_the_end_of_an_epoch_prints_the_validation_and_marks_the_best()
    {
        var ended = Report with { Step = 113, EpochEnded = true, ValidationAccuracy = 0.75 };
        Assert.Equal("epoch 2/5: loss 1.234, accuracy 0.568, validation 0.750, 321 samples/s, 26:03:04 left", $"{ended}");
        Assert.Contains("validation 0.750 (best)", $"{ended with { BestEpoch = 2 }}", StringComparison.Ordinal);
    }
}
