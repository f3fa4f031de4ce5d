using MsVit.MLNet.Data;
using MsVit.MLNet.Network;
using MsVit.MLNet.Training.Losses;
using MsVit.MLNet.Training.Optimization;
using MsVit.MLNet.Platform;
using TorchSharp;
using static TorchSharp.torch;

namespace MsVit.MLNet.Training;

/// <summary>One step of the optimiser: forward and backward in as many passes as memory asks for, then the weights.</summary>
/// <remarks>A step whose loss or gradient is not finite leaves weights, moments and statistics as they were.</remarks>
internal sealed class TrainingStep : IDisposable
{
    private readonly MsVitNetwork _learner;
    private readonly TrainingRecipe _recipe;
    private readonly TrainingSettings _settings;
    private readonly NormStatistics _statistics;
    private readonly AdamW _optimizer;
    private readonly WeightAverage? _average;
    private readonly ClassLoss _loss;

    /// <param name="learner">The network that learns.</param>
    /// <param name="recipe">How.</param>
    /// <param name="settings">Device, seed, normalisation.</param>
    public TrainingStep(MsVitNetwork learner, TrainingRecipe recipe, TrainingSettings settings)
    {
        (_learner, _recipe, _settings) = (learner, recipe, settings);
        _optimizer = new AdamW(learner, new() { WeightDecay = recipe.WeightDecay, LayerDecay = recipe.LayerDecay });
        _average = recipe.WeightAverageDecay > 0 ? new(learner, recipe.WeightAverageDecay) : null;
        _loss = new(recipe.LabelSmoothing, settings.ClassWeights, settings.Device);
        _statistics = new(learner);
        MicroBatchSize = recipe.MicroBatchSize > 0 ? recipe.MicroBatchSize : recipe.BatchSize;
    }

    /// <summary>Samples of one pass; halved when memory runs out.</summary>
    public int MicroBatchSize { get; set; }

    /// <summary>Gives the network the averaged weights, if there are any, until what is returned is disposed of.</summary>
    public IDisposable? Averaged() => _average?.SwapIn();

    /// <summary>The tensors of optimiser and average, by name; their own.</summary>
    public IReadOnlyDictionary<string, Tensor> State() => new Dictionary<string, Tensor>([.. _optimizer.State(), .. _average?.State() ?? new Dictionary<string, Tensor>()]);

    /// <summary>Goes on from what <see cref="State"/> gave.</summary>
    public void Load(IReadOnlyDictionary<string, Tensor> state)
    {
        _optimizer.Load(state);
        _average?.Load(state);
    }

    /// <summary>Learns from a batch.</summary>
    /// <param name="batch">The samples.</param>
    /// <param name="number">Of the step, from 0 at the beginning of the run; draws depend on it.</param>
    /// <param name="rate">The learning rate.</param>
    /// <exception cref="InvalidOperationException">There is too little memory for a single sample.</exception>
    public StepResult Run(SampleBatch batch, long number, double rate)
    {
        _statistics.Update();
        while (true)
        {
            try
            {
                return Try(batch, number, rate);
            }
            catch (Exception e) when (OutOfMemory.Is(e))
            {
                Undo();
                var smaller = (Math.Min(MicroBatchSize, batch.Count) + 1) / 2;
                if (smaller >= MicroBatchSize)
                {
                    throw new InvalidOperationException(
                        "There is not enough memory to train on one sample at a time. Choose a smaller network, a smaller input or fewer time steps.", e);
                }
                MicroBatchSize = smaller;
                _settings.Notice($"Memory ran out; from now on {MicroBatchSize} samples go through the network at a time, and {_recipe.BatchSize} into a step as before.");
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _optimizer.Dispose();
        _average?.Dispose();
        _loss.Dispose();
        _statistics.Dispose();
    }

    private StepResult Try(SampleBatch batch, long number, double rate)
    {
        using var scope = NewDisposeScope();
        _optimizer.ZeroGradients();
        var input = _settings.Normalization.Apply(batch, _settings.Device);
        var samplesAxis = batch.Shape.IsFrames ? 1 : 0;
        var labels = tensor(batch.Labels, device: _settings.Device);
        var lambda = batch.Mix.Lambda;
        var others = lambda < 1 ? labels.flip(0) : labels;
        var (loss, right) = (0.0, 0L);
        for (var from = 0; from < batch.Count; from += MicroBatchSize)
        {
            using var pass = NewDisposeScope();
            var count = Math.Min(MicroBatchSize, batch.Count - from);
            var own = labels.narrow(0, from, count);
            var logits = _learner.Forward(input.narrow(samplesAxis, from, count), Context(number, from));
            var mean = _loss.Of(logits, own, others.narrow(0, from, count), lambda);
            var share = (double)count / batch.Count;
            var value = mean.Number();
            if (!double.IsFinite(value))
            {
                Undo();
                return new(value, 0, $"the loss is {value}");
            }
            using (var weight = share.ToScalar())
            {
                (count < batch.Count ? mean * weight : mean).backward();
            }
            loss += value * share;
            right += logits.detach().argmax(1).eq(own).sum().Count();
        }
        var norm = GradientNorm.Of(_learner);
        if (!double.IsFinite(norm))
        {
            var fault = GradientCheck.FindNonFinite(_learner) is { } parameter ? $"the gradient of {parameter} is not finite" : "the norm of the gradients is not finite";
            Undo();
            return new(loss, 0, fault);
        }
        _optimizer.Step(rate, _recipe.MaxGradientNorm > 0 ? GradientNorm.ClippingFactor(norm, _recipe.MaxGradientNorm) : 1);
        _average?.Update();
        return new(loss, right, null);
    }

    private void Undo()
    {
        _optimizer.ZeroGradients();
        _statistics.Restore();
    }

    private ForwardContext Context(long number, int from) => ForwardContext.In(
        _recipe.Precision,
        _recipe.StochasticDepth == 0 ? null : new StochasticDepth(_recipe.StochasticDepth, (branch, count) => Draw(number, branch, from, count)),
        _recipe.RecomputeActivations);

    // A sample's draw does not depend on how the batch is cut into passes.
    private float[] Draw(long number, int branch, int from, int count)
    {
        var random = RandomStream.For(RandomPurpose.StochasticDepth, _settings.Seed, (ulong)number, (ulong)branch);
        var draws = new float[from + count];
        for (var i = 0; i < draws.Length; i++)
        {
            draws[i] = random.NextSingle();
        }
        return draws[from..];
    }
}
