using static TorchSharp.torch;

namespace MsVit.MLNet;

/// <summary>The end of a training step: it sees losses and gradients, then changes the weights or leaves the step out.</summary>
internal interface IWeightUpdate : IDisposable
{
    /// <summary>Whether <see cref="Read"/> costs nothing. Where it waits for a device, it is called after some steps.</summary>
    bool IsReadAtOnce { get; }

    /// <summary>What a loss is multiplied by for its backward pass.</summary>
    double LossScale { get; }

    /// <summary>Begins a step, or begins it anew.</summary>
    void Begin();

    /// <summary>Takes in the forward pass of some of its samples.</summary>
    /// <param name="loss">Their mean loss, [].</param>
    /// <param name="right">How many of them were classified rightly, [], int64.</param>
    /// <param name="share">Their share of the step's samples.</param>
    /// <returns>False where the step will be left out, and needs no backward pass.</returns>
    bool Add(Tensor loss, Tensor right, double share);

    /// <summary>Ends the step.</summary>
    /// <param name="samples">Of the step.</param>
    /// <param name="number">Of the step, from 0 at the beginning of the run.</param>
    /// <param name="rate">The learning rate.</param>
    void End(int samples, long number, double rate);

    /// <summary>What the steps since the last reading came to.</summary>
    StepSums Read();
}
