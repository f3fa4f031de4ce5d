using System.Globalization;
using MsVit.Tests.Support;

namespace MsVit.Tests.Distributed;

/// <summary>Training through the public API under both MPIs.</summary>
[Collection(MpiJobs.Name)]
[Trait(LongTests.Trait, LongTests.Long)]
public sealed class MpiTrainingTests(MpiTrainings trainings)
{
    public static IEnumerable<string> Kinds => RankTraining.Kinds.Keys.Where(kind => kind != RankTraining.TimeBudget);

    [Theory]
    [Mpi(MpiAttribute.Open, nameof(Kinds))]
    [Mpi(MpiAttribute.Mpich, nameof(Kinds))]
    public void Two_ranks_end_with_the_weights_of_one_process(string mpi, string kind)
    {
        var (alone, ranks) = trainings.Of(mpi, kind);
        var found = ranks[0];
        Assert.Equal(alone!.Weights, found.Weights);
        Assert.Equal((alone.Passes, alone.Epochs), (found.Passes, found.Epochs));
        Assert.InRange(alone.StatisticsError, 0, 1e-5);
        Assert.Equal(found.State, ranks[1].State);
    }

    [Theory]
    [Mpi(MpiAttribute.Open)]
    [Mpi(MpiAttribute.Mpich)]
    public void When_time_is_over_two_ranks_end_at_the_same_step_with_the_same_weights(string mpi)
    {
        var (_, ranks) = trainings.Of(mpi, RankTraining.TimeBudget);
        Assert.Equal((ranks[0].Passes, ranks[0].Epochs, ranks[0].State), (ranks[1].Passes, ranks[1].Epochs, ranks[1].State));
        // Nothing but time can end it earlier.
        Assert.True(ranks[0].Epochs < RankTraining.Kinds[RankTraining.TimeBudget].Recipe.MaxEpoch);
        Assert.True(ranks[0].Passes > 0);
    }

    [Theory]
    [Mpi(MpiAttribute.Open)]
    [Mpi(MpiAttribute.Mpich)]
    public void The_gradient_of_a_step_on_four_ranks_is_that_of_one_process_to_a_millionth(string mpi)
    {
        double[] errors = [.. MpiJob.Run(mpi, 4, TrainingWorker.Gradient).Lines()
            .Select(line => double.Parse(line, CultureInfo.InvariantCulture))];
        Assert.Equal(4, errors.Length);
        Assert.All(errors, error => Assert.InRange(error, 0, 1e-6));
    }
}
