using Microsoft.AspNetCore.Diagnostics;
using Microsoft.Net.Http.Headers;
using MsVit.MLNet.Hosting;

namespace MsVit.Samples.WebApi;

/// <summary>Answers errors as problem details (RFC 9457): what was sent, what the server cannot do now, and what to do.</summary>
internal sealed class ProblemHandler(IProblemDetailsService problems) : IExceptionHandler
{
    /// <summary>Says when another attempt may succeed, where that is known.</summary>
    public static void SetRetryAfter(HttpContext context, PredictionRefusedException refusal)
    {
        if (refusal.RetryAfter is { } wait)
        {
            context.Response.Headers[HeaderNames.RetryAfter] = $"{(int)Math.Ceiling(wait.TotalSeconds)}";
        }
    }

    public async ValueTask<bool> TryHandleAsync(HttpContext httpContext, Exception exception, CancellationToken cancellationToken)
    {
        if (exception is OperationCanceledException && httpContext.RequestAborted.IsCancellationRequested)
        {
            // Who asked is gone, or the timeout answers.
            return false;
        }
        var (status, detail) = exception switch
        {
            BadHttpRequestException bad => (bad.StatusCode, bad.Message),
            // Images and recordings that cannot be read, and those of the wrong kind.
            FormatException or NotSupportedException => (StatusCodes.Status400BadRequest, exception.Message),
            PredictionRefusedException { Refusal: PredictionRefusal.DeadlineExceeded } => (StatusCodes.Status504GatewayTimeout, exception.Message),
            PredictionRefusedException => (StatusCodes.Status503ServiceUnavailable, exception.Message),
            _ => (StatusCodes.Status500InternalServerError, "The server failed; its log has the reason."),
        };
        if (exception is PredictionRefusedException refusal)
        {
            SetRetryAfter(httpContext, refusal);
        }
        httpContext.Response.StatusCode = status;
        return await problems.TryWriteAsync(new() { HttpContext = httpContext, ProblemDetails = { Status = status, Detail = detail } });
    }
}
