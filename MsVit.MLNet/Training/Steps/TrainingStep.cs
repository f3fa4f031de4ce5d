using MsVit.MLNet.Kernels;
using TorchSharp;
using static TorchSharp.torch;

namespace MsVit.MLNet;

/// <summary>
/// One optimizer step: forward and backward in as many passes as the micro-batch size requires, then one update of the weights.
/// </summary>
/// <remarks>A step whose loss or gradient is not finite changes neither weights nor moments nor statistics.</remarks>
internal sealed class TrainingStep : IDisposable
{
    private readonly TrainingRecipe _recipe;
    private readonly StepSettings _settings;
    private readonly LearnedState _learned;
    private readonly LossScaler? _scaler;
    private readonly bool _isSynced, _isLocal;
    private readonly RankGroup _group;
    private readonly LocalRounds? _rounds;
    private readonly PassSums _sums;
    private readonly RankSums _ranks;
    private readonly IWeightUpdate _update;
    private readonly ClassLoss _loss;
    private readonly TeacherLoss? _teacher;
    private int _passSize;
    private StepSums _joined;

    /// <param name="learner">The network that learns.</param>
    /// <param name="recipe">The recipe.</param>
    /// <param name="settings">Device, seed, normalization and more.</param>
    public TrainingStep(MsVitNetwork learner, TrainingRecipe recipe, StepSettings settings)
    {
        (_recipe, _settings) = (recipe, settings);
        _teacher = settings.Teacher is { } teacher
            ? new(recipe.Teacher ?? new(), teacher, learner.FeatureWidth, settings.Seed, settings.Device)
            : null;
        _learned = new(learner, recipe, _teacher?.Projection, settings.Operators, line => settings.NewPass().Notice(line));
        _scaler = recipe.Precision == Precision.Float16 ? new() : null;
        _isSynced = recipe.SyncBatchNorm && settings.Group.Size > 1;
        _isLocal = recipe.LocalSteps > 1 && settings.Group.Size > 1;
        _group = _isLocal ? RankGroup.Alone : settings.Group;
        _rounds = _learned.Outer is { } outer ? new(_isLocal ? settings.Group : RankGroup.Alone, _learned, outer, _scaler) : null;
        _sums = new(settings.Device, _group.Size);
        _update = (settings.ReadsEachStep ?? settings.Device.type == DeviceType.CPU) || _scaler is not null
            ? new ReadUpdate(_learned, recipe.MaxGradientNorm, _scaler, _group)
            : new GatedUpdate(_learned, recipe.MaxGradientNorm, settings.Device, _group, settings.Begins);
        _ranks = new(_group, _learned.Optimizer, joined: !_update.IsReadAtOnce, settings.BucketBytes);
        _loss = new(recipe.LabelSmoothing, settings.ClassWeights, settings.Device);
        MicroBatchSize = recipe.MicroBatchSize > 0 ? recipe.MicroBatchSize : CeilingOf(recipe.BatchSize, settings.Group.Size);
    }

    /// <summary>
    /// Samples in one pass. It is halved when memory runs out. It begins with the recipe's or, if that is 0, with one pass per rank.
    /// </summary>
    public int MicroBatchSize
    {
        get;
        set => field = _passSize = value;
    }

    /// <summary>Whether <see cref="Read"/> costs nothing; if not, call it every few steps.</summary>
    public bool IsReadAtOnce => _rounds is not null || _update.IsReadAtOnce;

    /// <summary>The state of the loss scale in float16; otherwise null.</summary>
    public LossScaler.ScaleState? LossScale
    {
        get => _scaler?.State;
        set
        {
            if (_scaler is not null && value is { } state)
            {
                _scaler.State = state;
            }
        }
    }

    /// <summary>Gives the network the averaged weights, if there are any, until the returned object is disposed.</summary>
    public IDisposable? Averaged() => _learned.Average?.SwapIn();

    /// <summary>The tensors of optimizer and average, by name. They own them.</summary>
    public IReadOnlyDictionary<string, Tensor> State() => _learned.Tensors();

    /// <summary>Resumes from what <see cref="State"/> returned.</summary>
    public void Load(IReadOnlyDictionary<string, Tensor> state) => _learned.Load(state);

    /// <summary>The part of a batch that this rank computes: the samples of its passes.</summary>
    /// <param name="samples">The samples of the whole batch.</param>
    public (int First, int End) OwnSamples(int samples) => OwnSamples(samples, _settings.Group.Rank);

    /// <summary>The passes of a step on all ranks.</summary>
    /// <param name="samples">The samples of the whole batch.</param>
    public int Passes(int samples) => CeilingOf(samples, MicroBatchSize);

    /// <summary>
    /// Learns from a batch: sums over its passes on all ranks, then one update of the weights. A rank that takes local steps learns from
    /// its own passes only.
    /// </summary>
    /// <param name="batch">The samples.</param>
    /// <param name="number">The number of the step, from 0 at the beginning of the run. Random draws depend on it.</param>
    /// <param name="rate">The learning rate.</param>
    /// <exception cref="InvalidOperationException">
    /// There is not enough memory for a single sample or, if batch norms are synchronized, for a pass.
    /// </exception>
    public void Run(SampleBatch batch, long number, double rate)
    {
        _settings.Begins(StepPart.Statistics);
        _learned.Statistics.Update();
        while (true)
        {
            var own = OwnSamples(batch.Count);
            if (_isLocal && own.First == own.End)
            {
                return;
            }
            using var scope = NewDisposeScope();
            // With other passes, a rank may have other samples than those that were prepared.
            using var remade = batch.Has(own) ? null : batch.Remade();
            var (gradients, outOfMemory) = (default(StepGradients), default(Exception));
            try
            {
                AddUp(remade ?? batch, number);
                _settings.Begins(StepPart.Gradients);
                gradients = _group.Size == 1 ? _learned.Optimizer.Gradients(joined: !_update.IsReadAtOnce) : null;
            }
            catch (Exception e) when (_isSynced && OutOfMemory.Is(e))
            {
                throw new InvalidOperationException(
                    $"There is not enough memory on {_settings.Group.Name(_settings.Group.Rank)} for passes of {MicroBatchSize} samples. "
                    + "With Recipe.SyncBatchNorm the ranks wait for each other in every batch norm, so a step cannot halve its passes. "
                    + $"Set Recipe.MicroBatchSize to less than {MicroBatchSize}, or use more ranks.", e);
            }
            catch (Exception e) when (OutOfMemory.MayBe(e))
            {
                outOfMemory = e;
            }
            if (_ranks.WithoutMemory(here: outOfMemory is not null) is { } rank)
            {
                _learned.Undo();
                HalvePasses(_isLocal ? own.End - own.First : batch.Count, _isLocal ? _settings.Group.Rank : rank, outOfMemory);
                continue;
            }
            gradients ??= _ranks.Sum(_sums);
            _update.Run(Facts(batch, own, number, rate), _sums, gradients);
            return;
        }
    }

    /// <summary>
    /// Call it after each step. With <see cref="TrainingRecipe.LocalSteps"/>, the last step of a round, or of an epoch, ends with the outer
    /// step.
    /// </summary>
    /// <param name="step">The number of the step in its epoch, from 1.</param>
    /// <param name="steps">The steps of the epoch.</param>
    /// <returns>Whether all ranks have the same weights now; false within a round.</returns>
    public bool EndRound(int step, int steps)
    {
        if (_rounds is null)
        {
            return true;
        }
        if (step % _recipe.LocalSteps != 0 && step != steps)
        {
            return false;
        }
        (_joined, var least) = _rounds.Join(_update.Read(), ((step - 1) % _recipe.LocalSteps) + 1, _passSize);
        if (least < _passSize)
        {
            _settings.Notice($"Memory ran out on another rank. From now on, {least} samples go through the network at a time.");
        }
        MicroBatchSize = least;
        return true;
    }

    /// <summary>The sums over the steps since the last reading; with local steps, over those of the last round.</summary>
    public StepSums Read()
    {
        if (_rounds is null)
        {
            return _update.Read();
        }
        var sums = _joined;
        _joined = default;
        return sums;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _update.Dispose();
        _sums.Dispose();
        _ranks.Dispose();
        _learned.Dispose();
        _loss.Dispose();
        _teacher?.Dispose();
    }

    // Forms the sums of a step over the passes of this rank: loss and correct samples in _sums, and the gradients.
    private void AddUp(SampleBatch batch, long number)
    {
        _settings.Begins(StepPart.Input);
        _learned.Optimizer.ZeroGradients();
        _sums.Clear();
        _ranks.Clear();
        var (first, end) = OwnSamples(batch.Count);
        // With synchronized batch norms, all ranks run as many passes as the first one, which has the most.
        var passes = CeilingOf(_isSynced ? OwnSamples(batch.Count, rank: 0).End : end - first, _passSize);
        if (passes == 0)
        {
            return;
        }
        var input = first < end ? batch.ToInput(_settings.Normalization, _settings.Device) : null;
        var targets = new BatchTargets(batch, _loss, _teacher, _settings.Device, _isLocal ? (first, end) : null);
        var samplesAxis = batch.Shape.IsFrames ? 1 : 0;
        for (var pass = 0; pass < passes; pass++)
        {
            using var scope = NewDisposeScope();
            // Each pass has consecutive samples.
            var from = first + (pass * _passSize);
            var count = Math.Min(_passSize, end - from);
            var context = Context(number, from, isLast: pass == passes - 1, isBlank: count <= 0);
            _settings.Begins(StepPart.Statistics);
            _learned.Statistics.CountBatch();
            _settings.Begins(StepPart.Input);
            if (count <= 0)
            {
                BlankPass(context);
            }
            else if (!Pass(input!.narrow(samplesAxis, from - batch.Own.First, count), targets.Part(from, count), context))
            {
                break;
            }
        }
    }

    private StepFacts Facts(SampleBatch batch, (int First, int End) own, long number, double rate) => _isLocal
        ? new(number, own.End - own.First, rate, batch.Labels[own.First..own.End].Count(label => label == SampleSet.NoLabel))
        : new(number, batch.Count, rate, batch.Unlabeled, Passes(batch.Count));

    // Takes part in the sums of the other ranks' batch norms. All its gradients are 0.
    private void BlankPass(ForwardContext context)
    {
        var blank = zeros(_learned.Network.Config.InputShape(batch: 1), device: _settings.Device);
        var features = _learned.Network.Features(blank, context);
        context.Pass.Backward((TensorExpression)features.sum() * 0);
    }

    private (int First, int End) OwnSamples(int samples, int rank)
    {
        var (first, end) = _settings.Group.Share(Passes(samples), rank);
        return (Math.Min(samples, first * MicroBatchSize), Math.Min(samples, end * MicroBatchSize));
    }

    private static int CeilingOf(int samples, int parts) => (samples + parts - 1) / parts;

    // Forward and backward. False if the step will be skipped, so that it needs no gradients.
    private bool Pass(Tensor input, BatchTargets.PassTargets targets, ForwardContext context)
    {
        var features = _learned.Network.Features(input, context);
        var logits = _learned.Network.Classify(features);
        _settings.Begins(StepPart.Loss);
        var loss = targets.Loss(features, logits);
        _settings.Begins(StepPart.Sums);
        _sums.Add(loss, logits.argmax(1).eq(targets.Labels).sum());
        // Synchronized batch norms of the other ranks need this rank's backward pass.
        if (_update.IsReadAtOnce && !_isSynced && !_sums.IsOwnFinite())
        {
            return false;
        }
        _settings.Begins(StepPart.Loss);
        context.Pass.Backward(loss.Sum(_teacher?.Weight ?? 0, _scaler?.Scale ?? 1));
        context.NormMemory?.Deliver();
        return true;
    }

    private void HalvePasses(int samples, int rank, Exception? outOfMemory)
    {
        var where = _settings.Group.Size == 1 ? "" : $" on {_settings.Group.Name(rank)}";
        var isCertain = outOfMemory is null || OutOfMemory.Is(outOfMemory);
        var smaller = (Math.Min(_passSize, samples) + 1) / 2;
        if (smaller >= _passSize)
        {
            const string Advice = "Choose a smaller network, a smaller input or fewer time steps.";
            if (!isCertain)
            {
                throw new InvalidOperationException(
                    $"Torch reported an error without a text{where} for one sample at a time. If memory ran out: {Advice}", outOfMemory);
            }
            throw new InvalidOperationException(
                $"There is not enough memory{where} to train on one sample at a time. {Advice}", outOfMemory);
        }
        if (_isLocal)
        {
            // Which samples are whose changes only when all ranks know it, at the end of the round.
            _passSize = smaller;
        }
        else
        {
            MicroBatchSize = smaller;
        }
        var what = isCertain ? "Memory ran out" : "Torch reported an error without a text, perhaps because memory ran out";
        _settings.Notice($"{what}{where}. From now on, {smaller} samples go through the network at a time. Steps still have "
            + $"{_recipe.BatchSize} samples.");
    }

    private ForwardContext Context(long number, int from, bool isLast, bool isBlank)
    {
        var rate = _recipe.StochasticDepth;
        var pass = _settings.NewPass().WithoutCounting();
        var depth = rate == 0 ? null : new StochasticDepth(rate, (branch, count) => Draw(number, branch, from, count));
        var reached = isLast ? _ranks.Reached : null;
        return new(_learned.Network, _settings.Observer)
        {
            Pass = _isSynced ? pass.With(new PassPeers(_settings.Group.Sum, isBlank)) : pass,
            Precision = _recipe.Precision,
            Depth = depth,
            Recompute = _recipe.RecomputeActivations,
            Reached = reached,
            // Blocks that run again, and ranks that sum the gradients of a layer early, need those of its norms from autograd.
            NormMemory = (pass.TakesCpuPaths && _settings.Device.type == DeviceType.CPU)
                || reached is not null || _recipe.RecomputeActivations || _isSynced
                    ? null : new(_learned.Network.Norms),
        };
    }

    // The draw of a sample does not depend on how the batch is cut into passes.
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
