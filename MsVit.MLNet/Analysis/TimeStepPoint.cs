namespace MsVit.MLNet.Analysis;

/// <summary>One network at one number of time steps, its weights being what they are.</summary>
/// <param name="TimeSteps">T.</param>
/// <param name="Accuracy">The share classified rightly, 0 to 1; null without labels.</param>
/// <param name="Joules">An image, inputs that are not 0 counting once.</param>
/// <param name="JoulesByValue">An image, an input of 2 counting twice.</param>
public sealed record TimeStepPoint(int TimeSteps, double? Accuracy, double Joules, double JoulesByValue);
