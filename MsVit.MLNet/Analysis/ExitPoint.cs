namespace MsVit.MLNet.Analysis;

/// <summary>One network that stops as soon as it is sure enough.</summary>
/// <param name="Threshold">A sample is done when the probability of its likeliest class, from the mean of the logits so far, is above this.</param>
/// <param name="Accuracy">The share classified rightly, 0 to 1; null without labels.</param>
/// <param name="MeanTimeSteps">The mean number of time steps, 1 to T.</param>
/// <param name="Joules">An image, on average over the samples, each with the spikes of its own steps.</param>
public sealed record ExitPoint(double Threshold, double? Accuracy, double MeanTimeSteps, double Joules);
