using MsVit.MLNet.Kernels;
using TorchSharp;
using static TorchSharp.torch;

namespace MsVit.MLNet;

/// <summary>One step of the optimizer: forward and backward in as many passes as memory asks for, then the weights.</summary>
/// <remarks>A step whose loss or gradient is not finite leaves weights, moments and statistics as they were.</remarks>
internal sealed class TrainingStep : IDisposable
{
    private readonly TrainingRecipe _recipe;
    private readonly StepSettings _settings;
    private readonly LearnedState _learned;
    private readonly LossScaler? _scaler;
    private readonly PassSums _sums;
    private readonly IWeightUpdate _update;
    private readonly ClassLoss _loss;

    /// <param name="learner">The network that learns.</param>
    /// <param name="recipe">How.</param>
    /// <param name="settings">Device, seed, normalization.</param>
    public TrainingStep(MsVitNetwork learner, TrainingRecipe recipe, StepSettings settings)
    {
        (_recipe, _settings) = (recipe, settings);
        _learned = new(learner, recipe);
        _scaler = recipe.Precision == Precision.Float16 ? new() : null;
        _sums = new(settings.Device);
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

    /// <summary>Learns from a batch: sums over its passes, then one update of the weights.</summary>
    /// <param name="batch">The samples.</param>
    /// <param name="number">Of the step, from 0 at the beginning of the run; draws depend on it.</param>
    /// <param name="rate">The learning rate.</param>
    /// <exception cref="InvalidOperationException">There is too little memory for a single sample.</exception>
    public void Run(SampleBatch batch, long number, double rate)
    {
        _learned.Statistics.Update();
        while (true)
        {
            using var scope = NewDisposeScope();
            StepGradients gradients;
            try
            {
                gradients = AddUp(batch, number);
            }
            catch (Exception e) when (OutOfMemory.Is(e))
            {
                _learned.Undo();
                HalvePasses(batch.Count, e);
                continue;
            }
            _update.Run(new(number, batch.Count, rate), _sums, gradients);
            return;
        }
    }

    /// <summary>What the steps since the last reading came to.</summary>
    public StepSums Read() => _update.Read();

    /// <inheritdoc/>
    public void Dispose()
    {
        _update.Dispose();
        _sums.Dispose();
        _learned.Dispose();
        _loss.Dispose();
    }

    // The sums of a step, over all its passes: loss and hits in _sums, and the gradients.
    private StepGradients AddUp(SampleBatch batch, long number)
    {
        _learned.Optimizer.ZeroGradients();
        _sums.Clear();
        var input = batch.ToInput(_settings.Normalization, _settings.Device);
        var labels = DeviceTransfer.Send(tensor(batch.Labels), _settings.Device);
        var mixedIn = batch.Mix.Lambda < 1 ? labels.flip(0) : labels;
        var samplesAxis = batch.Shape.IsFrames ? 1 : 0;
        foreach (var (from, count) in Passes(batch.Count))
        {
            using var scope = NewDisposeScope();
            var (part, own, other) = (input.narrow(samplesAxis, from, count), labels.narrow(0, from, count), mixedIn.narrow(0, from, count));
            if (!Pass(part, own, other, batch.Mix.Lambda, Context(number, from), share: (double)count / batch.Count))
            {
                break;
            }
        }
        return _learned.Optimizer.Gradients(joined: !IsReadAtOnce);
    }

    // How a step is cut into passes: each takes a run of its samples.
    private IEnumerable<(int From, int Count)> Passes(int samples)
    {
        for (var from = 0; from < samples; from += MicroBatchSize)
        {
            yield return (from, Math.Min(MicroBatchSize, samples - from));
        }
    }

    // Forward and backward. False where the step will be skipped, and needs no gradients.
    private bool Pass(Tensor input, Tensor labels, Tensor mixedIn, double lambda, ForwardContext context, double share)
    {
        var logits = _learned.Network.Forward(input, context);
        var loss = _loss.Of(logits, labels, mixedIn, lambda);
        _sums.Add(loss.detach(), logits.detach().argmax(1).eq(labels).sum(), share);
        if (IsReadAtOnce && !double.IsFinite(_sums.Read().Loss))
        {
            return false;
        }
        var scale = share * (_scaler?.Scale ?? 1);
        using var factor = scale.ToScalar();
        BackwardFault.Backward(scale == 1 ? loss : loss * factor);
        return true;
    }

    private void HalvePasses(int samples, Exception outOfMemory)
    {
        var smaller = (Math.Min(MicroBatchSize, samples) + 1) / 2;
        if (smaller >= MicroBatchSize)
        {
            throw new InvalidOperationException(
                "There is not enough memory to train on one sample at a time. Choose a smaller network, a smaller input or fewer time steps.", outOfMemory);
        }
        MicroBatchSize = smaller;
        _settings.Notice($"Memory ran out; from now on {MicroBatchSize} samples go through the network at a time, and {_recipe.BatchSize} into a step as before.");
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

/// <summary>What the steps of a run are given besides the network and its recipe.</summary>
/// <param name="Normalization">From pixels to the network's input.</param>
/// <param name="Device">Where the network lies.</param>
/// <param name="Seed">Of the draws.</param>
internal sealed record StepSettings(PixelNormalization Normalization, Device Device, ulong Seed)
{
    /// <summary>How much each class counts in the loss, one number a class; null where all count alike.</summary>
    public IReadOnlyList<double>? ClassWeights { get; init; }

    /// <summary>Whether loss and gradients are read before the weights change; null (the default) for on the CPU alone: a GPU would wait at each step.</summary>
    public bool? ReadsEachStep { get; init; }

    /// <summary>Told when memory runs out.</summary>
    public Action<string> Notice { get; init; } = static _ => { };
}
