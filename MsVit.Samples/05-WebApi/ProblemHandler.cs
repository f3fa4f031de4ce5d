using Microsoft.AspNetCore.Diagnostics;
using Microsoft.Net.Http.Headers;
using MsVit.MLNet.Hosting;

namespace MsVit.Samples.WebApi;

/// <summary>Turns exceptions into problem details (RFC 9457).</summary>
internal sealed class ProblemHandler(IProblemDetailsService problems) : IExceptionHandler
{
    /// <summary>Sets the header Retry-After, if it is known when another attempt may succeed.</summary>
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
            // The client is gone, or the request timeout answers.
            return false;
        }
        var (status, detail) = exception switch
        {
            BadHttpRequestException bad => (bad.StatusCode, bad.Message),
            // Images and recordings that cannot be read, or are of the wrong kind.
            FormatException or NotSupportedException => (StatusCodes.Status400BadRequest, exception.Message),
            PredictionRefusedException { Refusal: PredictionRefusal.DeadlineExceeded } =>
                (StatusCodes.Status504GatewayTimeout, exception.Message),
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
