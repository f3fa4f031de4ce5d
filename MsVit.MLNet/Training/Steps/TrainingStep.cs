using MsVit.MLNet.Kernels;
using TorchSharp;
using static TorchSharp.torch;

namespace MsVit.MLNet;

/// <summary>One step of the optimizer: forward and backward in as many passes as memory asks for, then the weights.</summary>
/// <remarks>A step whose loss or gradient is not finite leaves weights, moments and statistics as they were.</remarks>
internal sealed class TrainingStep : IDisposable
{
    private readonly TrainingRecipe _recipe;
    private readonly TrainingSettings _settings;
    private readonly LearnedState _learned;
    private readonly LossScaler? _scaler;
    private readonly IWeightUpdate _update;
    private readonly ClassLoss _loss;

    /// <param name="learner">The network that learns.</param>
    /// <param name="recipe">How.</param>
    /// <param name="settings">Device, seed, normalization.</param>
    public TrainingStep(MsVitNetwork learner, TrainingRecipe recipe, TrainingSettings settings)
    {
        (_recipe, _settings) = (recipe, settings);
        _learned = new(learner, recipe);
        _scaler = recipe.Precision == Precision.Float16 ? new() : null;
        _update = (settings.ReadsEachStep ?? settings.Device.type == DeviceType.CPU) || _scaler is not null
            ? new ReadUpdate(_learned, recipe.MaxGradientNorm, _scaler)
            : new GatedUpdate(_learned, recipe.MaxGradientNorm, settings.Device);
        _loss = new(recipe.LabelSmoothing, settings.ClassWeights, settings.Device);
        MicroBatchSize = recipe.MicroBatchSize > 0 ? recipe.MicroBatchSize : recipe.BatchSize;
    }

    /// <summary>Samples of one pass; halved when memory runs out.</summary>
    public int MicroBatchSize { get; set; }

    /// <summary>Whether <see cref="Read"/> costs nothing; else it is for every few steps.</summary>
    public bool IsReadAtOnce => _update.IsReadAtOnce;

    /// <summary>What the loss is multiplied by, in float16; else null.</summary>
    public LossScaler.Standing? LossScale
    {
        get => _scaler?.State;
        set
        {
            if (_scaler is not null && value is { } standing)
            {
                _scaler.State = standing;
            }
        }
    }

    /// <summary>Gives the network the averaged weights, if there are any, until what is returned is disposed of.</summary>
    public IDisposable? Averaged() => _learned.Average?.SwapIn();

    /// <summary>The tensors of optimizer and average, by name; their own.</summary>
    public IReadOnlyDictionary<string, Tensor> State() => _learned.Tensors();

    /// <summary>Goes on from what <see cref="State"/> gave.</summary>
    public void Load(IReadOnlyDictionary<string, Tensor> state) => _learned.Load(state);

    /// <summary>Learns from a batch.</summary>
    /// <param name="batch">The samples.</param>
    /// <param name="number">Of the step, from 0 at the beginning of the run; draws depend on it.</param>
    /// <param name="rate">The learning rate.</param>
    /// <exception cref="InvalidOperationException">There is too little memory for a single sample.</exception>
    public void Run(SampleBatch batch, long number, double rate)
    {
        _learned.Statistics.Update();
        while (true)
        {
            try
            {
                Try(batch, number, rate);
                return;
            }
            catch (Exception e) when (OutOfMemory.Is(e))
            {
                _learned.Undo();
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

    /// <summary>What the steps since the last reading came to.</summary>
    public StepSums Read() => _update.Read();

    /// <inheritdoc/>
    public void Dispose()
    {
        _update.Dispose();
        _learned.Dispose();
        _loss.Dispose();
    }

    private void Try(SampleBatch batch, long number, double rate)
    {
        using var scope = NewDisposeScope();
        _learned.Optimizer.ZeroGradients();
        _update.Begin();
        var input = _settings.Normalization.Apply(batch, _settings.Device);
        var samplesAxis = batch.Shape.IsFrames ? 1 : 0;
        var labels = DeviceTransfer.Send(tensor(batch.Labels), _settings.Device);
        var lambda = batch.Mix.Lambda;
        var others = lambda < 1 ? labels.flip(0) : labels;
        for (var from = 0; from < batch.Count; from += MicroBatchSize)
        {
            using var pass = NewDisposeScope();
            var count = Math.Min(MicroBatchSize, batch.Count - from);
            var own = labels.narrow(0, from, count);
            var logits = _learned.Network.Forward(input.narrow(samplesAxis, from, count), Context(number, from));
            var mean = _loss.Of(logits, own, others.narrow(0, from, count), lambda);
            var share = (double)count / batch.Count;
            if (!_update.Add(mean.detach(), logits.detach().argmax(1).eq(own).sum(), share))
            {
                break;
            }
            using var weight = (share * _update.LossScale).ToScalar();
            BackwardFault.Backward(share * _update.LossScale == 1 ? mean : mean * weight);
        }
        _update.End(batch.Count, number, rate);
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
